import type { Span, Style } from './output.ts';

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** Text of the debugger's markup as pieces: links keep their command, bold text is a heading, other tags are left out. */
export function dmlParts(text: string): (string | Span)[] {
  const parts: (string | Span)[] = [];
  const open: Tag[] = [];
  for (const [piece] of text.matchAll(/<[^<>]*>|[^<]+|</g)) {
    const tag = /^<(\/?)(\w+)([^>]*)>$/.exec(piece);
    if (tag === null) parts.push(styled(decode(piece), open));
    else if (tag[1] === '') open.push(tagOf(tag[2]!.toLowerCase(), tag[3]!));
    else close(open, tag[2]!.toLowerCase());
  }
  return parts;
}

interface Tag {
  readonly name: string;
  readonly command: string | undefined;
  readonly style: Style | undefined;
}

function tagOf(name: string, attributes: string): Tag {
  const isLink = name === 'link' || name === 'exec';
  const command = isLink ? /\bcmd\s*=\s*"([^"]*)"/i.exec(attributes)?.[1] : undefined;
  return {
    name,
    command: command === undefined ? undefined : decode(command),
    style: name === 'b' ? 'heading' : undefined,
  };
}

/** Ends the innermost tag of a name, and those that were left open in it. */
function close(open: Tag[], name: string): void {
  const index = open.findLastIndex((tag) => tag.name === name);
  if (index >= 0) open.length = index;
}

const decode = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot);/g, (_, name: string) => entities[name]!);

function styled(text: string, open: readonly Tag[]): string | Span {
  const command = open.findLast((tag) => tag.command !== undefined)?.command;
  const style = open.findLast((tag) => tag.style !== undefined)?.style;
  if (command === undefined && style === undefined) return text;
  return { text, ...(style === undefined ? {} : { style }), ...(command === undefined ? {} : { command }) };
}
