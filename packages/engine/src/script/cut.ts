/** The first command of a text and what follows it. */
export interface Cut {
  readonly command: string;
  readonly rest: string;
}

/** Cuts at the first semicolon that is neither in quotes nor in braces. */
export function cutCommand(text: string): Cut {
  const start = text.search(/[^\s;]/);
  if (start < 0) return { command: '', rest: '' };
  if (takesLine(text.slice(start))) return cutLine(text, start);
  let quoted = false;
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === '{') depth++;
    else if (character === '}' && depth > 0) depth--;
    else if (depth === 0 && (character === ';' || character === '\n'))
      return { command: text.slice(start, at).trim(), rest: text.slice(at + 1) };
  }
  return { command: text.slice(start).trim(), rest: '' };
}

/** A comment with `*` hides the rest of its line. */
const takesLine = (text: string): boolean => text.startsWith('*');

function cutLine(text: string, start: number): Cut {
  const end = text.indexOf('\n', start);
  return end < 0
    ? { command: text.slice(start).trim(), rest: '' }
    : { command: text.slice(start, end).trim(), rest: text.slice(end + 1) };
}

/** The commands of a line, each as the console would echo it. */
export function splitCommands(line: string): string[] {
  const commands: string[] = [];
  for (let rest = line; rest !== ''; ) {
    const cut = cutCommand(rest);
    if (cut.command !== '') commands.push(cut.command);
    rest = cut.rest;
  }
  return commands;
}
