import {
  type ByteSource,
  identifySymbolFile,
  isWholePdb,
  matchIdentity,
  type SymbolFileKind,
  SymbolRefusal,
  type SymbolRequest,
} from '@poolscope/engine';

/**
 * Is a file the one that is wanted? Its own identity decides, not where it lies. Gives the reason why not, one plain
 * sentence part; undefined when it is. `name`: of the file.
 */
export function checkFile(
  source: ByteSource,
  name: string,
  request: SymbolRequest,
  kind: SymbolFileKind,
): string | undefined {
  const identity = identifySymbolFile(source, name);
  if (identity === undefined || identity.kind !== kind) return describeContent(source, kind);
  if (kind === 'pdb' && !isWholePdb(source)) return 'the program database is cut off';
  // Images that were linked once and signed twice share the PDB: time stamp and size tell them apart.
  const match = matchIdentity(kind === 'image' ? { ...request, pdb: undefined } : request, identity);
  if (match === undefined) return 'nothing in it tells which image it belongs to';
  return match instanceof SymbolRefusal ? match.reason : undefined;
}

const kindNames: Readonly<Record<SymbolFileKind, string>> = {
  pdb: 'readable program database',
  isf: 'readable ISF file',
  profile: 'readable packed profile',
  image: 'readable image',
};

function describeContent(source: ByteSource, kind: SymbolFileKind): string {
  return isWebPage(source) ? 'it is a web page' : `it is no ${kindNames[kind]}`;
}

/** Servers that ask for a login, and gateways, answer any address with a page. */
export function isWebPage(source: ByteSource): boolean {
  const head = new Uint8Array(256);
  const text = new TextDecoder('latin1').decode(head.subarray(0, source.readInto(0, head)));
  return /^(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|\?xml|!--)/i.test(text);
}
