/**
 * Texts out of a dump stand in for names in commands: words of an output, strings of its memory, names of its modules. A
 * semicolon in one must not begin a command that nobody typed, so it is another character until the command is told from
 * its neighbours. (In the Windows debugger it does begin one.)
 */
const mark = '\uE03B';

/** A text that came out of the dump, for use inside of commands. */
export const asData = (text: string): string => text.replaceAll(';', mark);

/** A command or an expression as it is meant, with the semicolons of its data. */
export const asTyped = (text: string): string => text.replaceAll(mark, ';');

export const holdsData = (text: string): boolean => text.includes(mark);
