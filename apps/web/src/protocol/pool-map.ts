/** The map of the pool as it goes from the worker to the page: arrays of numbers, piece by piece. */

/** Pages in the order in which they were found, one value a page in each array. */
export interface PagePiece {
  /** Address in pages: addresses of x64 need 52 bits of it. */
  readonly number: Float64Array<ArrayBuffer>;
  /** Index in `poolNames`. */
  readonly pool: Uint8Array<ArrayBuffer>;
  /** CensusPage. */
  readonly what: Uint8Array<ArrayBuffer>;
  /** How much of the page is in use, in 255 parts. */
  readonly used: Uint8Array<ArrayBuffer>;
  /** 1 where something on the page is damaged. */
  readonly damaged: Uint8Array<ArrayBuffer>;
  /** Number of its parts. */
  readonly parts: Uint16Array<ArrayBuffer>;
}

/** Parts of these pages, page after page, by offset. */
export interface PartPiece {
  readonly offset: Uint16Array<ArrayBuffer>;
  /** Bytes; of a block that reaches behind the page, all that is left of it. */
  readonly size: Uint32Array<ArrayBuffer>;
  /** Index of the tag; 0: none. */
  readonly tag: Uint16Array<ArrayBuffer>;
  /** CensusPart in the low four bits, CensusFlag in the high ones. */
  readonly kind: Uint8Array<ArrayBuffer>;
}

export interface TagFacts {
  /** Four characters. */
  readonly text: string;
  /** Who uses it, as far as a table says. */
  readonly owner: string | undefined;
}

export interface PoolMapPiece {
  readonly pages: PagePiece;
  readonly parts: PartPiece;
  /** Tags that were not met before; they get the next indices. */
  readonly tags: readonly TagFacts[];
}

export interface PoolMapEnd {
  /** Indices of all pages by pool and address. */
  readonly order: Uint32Array<ArrayBuffer>;
  /** Why something may be lacking, as half sentences. */
  readonly notes: readonly string[];
  /** Why not everything was looked at, as half a sentence. */
  readonly cut: string | undefined;
}

/** Pools in the order in which the map shows them. */
export const poolNames = [
  'nonpaged',
  'nonpaged-expansion',
  'paged',
  'paged-session',
  'special',
  'unknown',
] as const;

/** A field of a block's header. */
export interface HeaderField {
  readonly name: string;
  /** In the block's bytes, and how many. */
  readonly offset: number;
  readonly length: number;
  readonly value: string;
  readonly meaning?: string;
  readonly isWrong?: boolean;
}

/** What is known of one block. */
export interface BlockDetail {
  /** Where it begins: its header, or its data where it has none. */
  readonly address: bigint;
  readonly size: number;
  /** `Nonpaged pool`. */
  readonly region: string;
  /** `in use`, `free`, `on a lookaside list`. */
  readonly state: string;
  readonly tag: string | undefined;
  readonly owner: string | undefined;
  readonly fields: readonly HeaderField[];
  /** What is wrong, one sentence each. */
  readonly damage: readonly string[];
  /** What else is known, one sentence each. */
  readonly facts: readonly string[];
  /** Commands that show it. */
  readonly commands: readonly string[];
}

export interface PageBytesView {
  readonly address: bigint;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** 1 where the byte is in the dump. */
  readonly mask: Uint8Array<ArrayBuffer>;
}
