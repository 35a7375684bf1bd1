/**
 * Finds two bytes at a distance in an array, 16 places at once where the host has WebAssembly with 128-bit vectors (all
 * browsers since 2023 and Node since 16 have); elsewhere a plain loop does it.
 */

/** An array to fill, and the search in it. */
export interface FindWindow {
  readonly bytes: Uint8Array;
  /** The first index from `from` on and below `to` that holds `a`, with `b` `distance` bytes behind it; -1 without. */
  readonly find: (from: number, to: number, a: number, b: number, distance: number) => number;
}

/** Bytes that may be searched in one window, and how far a distance may reach behind them. */
const windowSize = 9 << 16;
const furthest = 0x1000;

/** The parts of WebAssembly that are used here: the engine is compiled without the types of any host. */
interface WebAssemblyHost {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: {
      readonly memory: { readonly buffer: ArrayBuffer };
      readonly find: FindWindow['find'];
    };
  };
}

/** Opcodes of WebAssembly 2.0, and the types of values. */
const op = {
  loop: 0x03,
  block: 0x02,
  if: 0x04,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  return: 0x0f,
  unreachable: 0x00,
  select: 0x1b,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  const: 0x41,
  ctz: 0x68,
  add: 0x6a,
  lessUnsigned: 0x49,
  greaterUnsigned: 0x4b,
  notLessUnsigned: 0x4f,
} as const;
const vector = {
  load: [0xfd, 0x00],
  splatBytes: [0xfd, 0x0f],
  equalBytes: [0xfd, 0x23],
  and: [0xfd, 0x4e],
  or: [0xfd, 0x50],
  anyTrue: [0xfd, 0x53],
  bitmask: [0xfd, 0x64],
} as const;
const i32 = 0x7f;
const v128 = 0x7b;
const noResult = 0x40;
/** i32.const takes a signed LEB128: 64 needs two bytes, -1 one. */
const sixtyFour = [0xc0, 0x00];
const minusOne = [0x7f];

/** Parameters, then locals. */
const [at, to, a, b, distance, allA, allB, mask] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const get = (local: number): number[] => [op.get, local];

/** The vector of places `offset`.. behind `at` that hold the pair. */
const pairsAt = (offset: number): number[] => [
  ...[...get(at), ...vector.load, 0, offset, ...get(allA), ...vector.equalBytes],
  ...[...get(at), ...get(distance), op.add, ...vector.load, 0, offset, ...get(allB), ...vector.equalBytes],
  ...vector.and,
];

const body = [
  ...[2, 2, v128, 1, i32],
  ...[...get(a), ...vector.splatBytes, op.set, allA],
  ...[...get(b), ...vector.splatBytes, op.set, allB],
  // 64 places at a time, until they hold a pair or fewer are left.
  ...[op.block, noResult, op.loop, noResult],
  ...[...get(at), op.const, ...sixtyFour, op.add, ...get(to), op.greaterUnsigned, op.brIf, 1],
  ...[
    ...pairsAt(0),
    ...pairsAt(16),
    ...vector.or,
    ...pairsAt(32),
    ...vector.or,
    ...pairsAt(48),
    ...vector.or,
  ],
  ...[...vector.anyTrue, op.brIf, 1],
  ...[...get(at), op.const, ...sixtyFour, op.add, op.set, at, op.br, 0],
  ...[op.end, op.end],
  // 16 places at a time, to the first pair or the end.
  ...[op.loop, noResult],
  ...[...get(at), ...get(to), op.notLessUnsigned],
  ...[op.if, noResult, op.const, ...minusOne, op.return, op.end],
  ...[...pairsAt(0), ...vector.bitmask, op.tee, mask, op.if, noResult],
  ...[...get(at), ...get(mask), op.ctz, op.add, op.tee, at, op.const, ...minusOne],
  ...[...get(at), ...get(to), op.lessUnsigned, op.select, op.return, op.end],
  ...[...get(at), op.const, 16, op.add, op.set, at, op.br, 0],
  ...[op.end, op.unreachable, op.end],
];

/** A length in front of its contents, as LEB128; nothing here is longer than 2^14. */
const sized = (contents: readonly number[]): number[] =>
  contents.length < 0x80
    ? [contents.length, ...contents]
    : [(contents.length & 0x7f) | 0x80, contents.length >> 7, ...contents];
const section = (id: number, contents: readonly number[]): number[] => [id, ...sized(contents)];
const named = (name: string): number[] => sized(Array.from(name, (letter) => letter.charCodeAt(0)));

/** One more page than the window: what a distance reaches into. */
const pages = (windowSize >> 16) + 1;
const moduleBytes = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 5, i32, i32, i32, i32, i32, 1, i32]),
  ...section(3, [1, 0]),
  ...section(5, [1, 1, pages, pages]),
  ...section(7, [2, ...named('memory'), 2, 0, ...named('find'), 0, 0]),
  ...section(10, [1, ...sized(body)]),
]);

let compiled: object | undefined | null = null;

function compile(host: WebAssemblyHost | undefined): object | undefined {
  try {
    return host === undefined ? undefined : new host.Module(moduleBytes);
  } catch {
    // A host without vectors, or one that forbids to compile.
    return undefined;
  }
}

function vectorWindow(): FindWindow | undefined {
  const { WebAssembly: host } = globalThis as { readonly WebAssembly?: WebAssemblyHost };
  if (compiled === null) compiled = compile(host);
  if (compiled === undefined) return undefined;
  const { memory, find } = new host!.Instance(compiled).exports;
  return { bytes: new Uint8Array(memory.buffer), find };
}

export function plainWindow(): FindWindow {
  const bytes = new Uint8Array(windowSize + furthest + 64);
  const find: FindWindow['find'] = (from, end, first, second, apart) => {
    for (let index = from; index < end; index++)
      if (bytes[index] === first && bytes[index + apart] === second) return index;
    return -1;
  };
  return { bytes, find };
}

/** Windows that no search uses now: a host's vector memory is dear. */
const spare: FindWindow[] = [];

export const takeWindow = (): FindWindow => spare.pop() ?? vectorWindow() ?? plainWindow();

export const giveBack = (window: FindWindow): void => {
  if (spare.length < 4) spare.push(window);
};
