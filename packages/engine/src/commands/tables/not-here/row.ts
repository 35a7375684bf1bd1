/** A command that the Windows debugger has and this console has not. */
export interface NotHere {
  readonly names: readonly string[];
  /** What it does there, in a few words. */
  readonly what: string;
  /** Commands of this console that come nearest; those that it has not yet are left out. */
  readonly nearest: readonly string[];
  /** What to do instead where there is no such command. */
  readonly advice: string | undefined;
}

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

/** Commands, what they do, and the nearest ones here. */
export const near = (names: string, what: string, nearest: string, advice?: string): NotHere => ({
  names: words(names),
  what,
  nearest: words(nearest),
  advice,
});

/** Commands, what they do, and what to do instead. */
export const instead = (names: string, what: string, advice?: string): NotHere =>
  near(names, what, '', advice);
