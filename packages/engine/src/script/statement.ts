/** One branch of `.if`; without a condition it is the `.else`. */
export interface Branch {
  readonly condition: string | undefined;
  readonly body: string;
}

/** Where `.foreach` takes its words from. */
export type WordSource = 'commands' | 'text' | 'file';

/** Control flow, cut into its parts; conditions and bodies are text that is read when they run. */
export type Flow =
  | { readonly kind: 'if'; readonly branches: readonly Branch[] }
  | { readonly kind: 'while'; readonly condition: string; readonly body: string }
  | { readonly kind: 'do'; readonly body: string; readonly condition: string }
  | {
      readonly kind: 'for';
      readonly first: string;
      readonly condition: string;
      readonly step: string;
      readonly body: string;
    }
  | {
      readonly kind: 'foreach';
      readonly options: string;
      readonly variable: string;
      readonly from: WordSource;
      readonly source: string;
      readonly body: string;
    }
  | { readonly kind: 'block' | 'catch'; readonly body: string }
  | { readonly kind: 'break' | 'continue' | 'leave' }
  /** `j EXPRESSION 'COMMANDS' ; 'COMMANDS'`. */
  | { readonly kind: 'choose'; readonly text: string }
  /** `z (EXPRESSION)`: the line up to here again. */
  | { readonly kind: 'again'; readonly condition: string }
  /** `r $.u0=TEXT`. */
  | { readonly kind: 'fixed-alias'; readonly name: string; readonly value: string };

export type Statement =
  | { readonly kind: 'comment' }
  | { readonly kind: 'command' }
  | { readonly kind: 'flow'; readonly flow: Flow };

/** A statement and where it stands in the text that it was read from. */
export interface PlacedStatement {
  readonly statement: Statement;
  /** As typed, without blanks around. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}
