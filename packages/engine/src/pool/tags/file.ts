/** What is known of a tag. */
export interface TagOwner {
  /** As the source writes it: four characters, wildcards included. */
  readonly pattern: string;
  /** The driver or the part of the kernel (`nt!mm`); undefined where the source names none. */
  readonly binary: string | undefined;
  readonly description: string;
  readonly source: 'file' | 'built-in';
}

/** Longest file that is read, and longest line. */
const mostText = 1 << 24;
const mostLine = 1000;

const line = /^(.{1,4}?)\s*\s-\s+(<[^>]*>|\S+)\s+-\s*(.*)$/;

/**
 * Reads a pooltag.txt: `TAG - binary - description` a line. Comments begin with `rem` or `//`; lines that are neither are
 * skipped. A tag shorter than four characters ends in blanks. Source: the debugger's documentation.
 */
export function parseTagFile(text: string, source: TagOwner['source'] = 'file'): TagOwner[] {
  const owners: TagOwner[] = [];
  for (const each of text.slice(0, mostText).split(/\r?\n/)) {
    if (each.length > mostLine || /^\s*(?:rem\b|\/\/|$)/i.test(each)) continue;
    const [, tag, binary, description] = line.exec(each) ?? [];
    if (tag === undefined || binary === undefined || description === undefined) continue;
    const isKnown = !binary.startsWith('<');
    owners.push({
      pattern: tag.padEnd(4),
      binary: isKnown ? binary : undefined,
      description: description.trim(),
      source,
    });
  }
  return owners;
}
