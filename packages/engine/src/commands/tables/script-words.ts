/** A word of the script language, for the help: the runner reads them itself. */
export interface ScriptWord {
  readonly names: readonly string[];
  readonly usage: string;
  readonly summary: string;
  readonly details?: readonly string[];
  readonly examples?: readonly string[];
}

const loops = '.break leaves the loop, .continue begins its next turn.';

/** The words of scripts that are no commands, with what the help says of them. */
export const scriptWords: readonly ScriptWord[] = [
  {
    names: ['.if', '.elsif', '.else'],
    usage: '(CONDITION) { COMMANDS } [.elsif (CONDITION) { ... }]... [.else { ... }]',
    summary: 'run a block when its condition is not zero',
    details: ['A single command may stand in place of the block where the condition is in parentheses.'],
    examples: ['.if (poi(@rsp) == 0) { .echo nothing } .else { dps @rsp L4 }'],
  },
  {
    names: ['.for'],
    usage: '(COMMAND; CONDITION; COMMANDS) { COMMANDS }',
    summary: 'a command first, then the block while the condition is not zero, with commands after each turn',
    details: [loops],
    examples: ['.for (r $t0 = 0; @$t0 < 4; r $t0 = @$t0 + 1) { .printf "%d\\n", @$t0 }'],
  },
  {
    names: ['.while'],
    usage: '(CONDITION) { COMMANDS }',
    summary: 'run a block while the condition is not zero',
    details: [loops],
  },
  {
    names: ['.do'],
    usage: '{ COMMANDS } (CONDITION)',
    summary: 'run a block, and again while the condition is not zero',
    details: [loops],
  },
  {
    names: ['.foreach'],
    usage: '[/pS N] [/ps N] (NAME { COMMANDS }) { COMMANDS }, or /s (NAME "TEXT"), or /f (NAME "FILE")',
    summary: 'run a block for each word that commands print',
    details: [
      'NAME stands for the word where it is between blanks, and as ${NAME} anywhere.',
      '/pS N passes over N words first, /ps N over N words after each that is used.',
      '/s takes a text, /f a file.',
      loops,
    ],
    examples: [
      '.foreach (base { lm 1m }) { .echo base }',
      '.foreach /pS 1 /ps 1 (v { dps @rsp L4 }) { ? v }',
    ],
  },
  {
    names: ['.break', '.continue'],
    usage: '',
    summary: 'leave the loop, or begin its next turn',
  },
  {
    names: ['.block'],
    usage: '{ COMMANDS }',
    summary: 'run a block: an error ends all of it',
  },
  {
    names: ['.catch'],
    usage: '{ COMMANDS }',
    summary: 'run a block, and go on behind it after an error',
    details: ['.leave goes on behind the block at once.'],
    examples: ['.catch { db 0 L10; .if (@$t0) { .leave }; k }'],
  },
  {
    names: ['.leave'],
    usage: '',
    summary: 'leave the .catch block',
  },
  {
    names: ['j'],
    usage: "CONDITION ['COMMANDS'] ; ['COMMANDS']",
    summary: 'run the first commands when the condition is not zero, else the second',
    examples: ["j (@rax > 0n20) 'r rax'; '.echo small'"],
  },
  {
    names: ['z'],
    usage: '(CONDITION)',
    summary: 'run the line before it again while the condition is not zero',
    examples: ['r $t0 = @$t0 + 1; z (@$t0 < 5)'],
  },
  {
    names: ['*', '$$'],
    usage: 'TEXT',
    summary: 'a comment: * up to the end of the line, $$ up to the next semicolon',
  },
];

export const findScriptWord = (name: string): ScriptWord | undefined =>
  scriptWords.find(({ names }) => names.includes(name.toLowerCase()));
