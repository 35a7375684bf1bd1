/** What the address bar says: a view and what it is about. It never holds anything of a dump but an address. */

export const viewNames = [
  'verdict',
  'pool',
  'crash',
  'stack',
  'registers',
  'memory',
  'code',
  'modules',
  'tags',
  'verifier',
  'console',
  'lab',
  'fleet',
  'bucket',
  'dump',
] as const;

export type ViewName = (typeof viewNames)[number];

/** Views that need no open dump. */
const freeViews: ReadonlySet<ViewName> = new Set(['lab', 'fleet', 'bucket', 'dump']);

export const needsNoDump = (view: ViewName): boolean => freeViews.has(view);

export interface Route {
  readonly view: ViewName;
  /** An address or an expression that leads to one; empty: where the view begins by itself. */
  readonly at: string;
}

const longest = 256;

/** `#/memory/fffff8a000001000`; anything else is the verdict. */
export function readRoute(hash: string): Route {
  const [, view = '', rest = ''] = /^#?\/?([a-z]+)(?:\/(.*))?$/s.exec(hash) ?? [];
  const name = viewNames.find((each) => each === view);
  return name === undefined
    ? { view: 'verdict', at: '' }
    : { view: name, at: decoded(rest).slice(0, longest) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

export const routeHash = ({ view, at }: Route): string =>
  at === ''
    ? `#/${view}`
    : `#/${view}/${encodeURIComponent(at).replaceAll('%60', '`').replaceAll('%2B', '+').replaceAll('%21', '!')}`;

/** Link to a view of an address. */
export const linkTo = (view: ViewName, at: bigint | string = ''): string =>
  routeHash({ view, at: typeof at === 'bigint' ? at.toString(16) : at });
