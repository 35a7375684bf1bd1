/**
 * The text in double quotes that an argument begins with, and what follows it, without blanks; undefined where it begins
 * with none. Quotes that do not close hold the rest of the line.
 */
export function takeQuoted(args: string): { readonly text: string; readonly rest: string } | undefined {
  if (!args.startsWith('"')) return undefined;
  const end = args.indexOf('"', 1);
  return end < 0
    ? { text: args.slice(1), rest: '' }
    : { text: args.slice(1, end), rest: args.slice(end + 1).trim() };
}
