/** A range of code that came from an inlined function: offsets from the beginning of its chunk, end exclusive. */
export interface InlineRange {
  readonly start: number;
  readonly end: number;
  /** 0: the procedure's own code; n: the n-th piece of it that the compiler moved away. */
  readonly chunk: number;
  /** Lines below the first line of the inlined function. */
  readonly lineDelta: number;
  /** Offset of the file's checksum where it is another file than that of the inlined function. */
  readonly file: number | undefined;
}

/** Operations on the state of the walk. Source: microsoft-pdb, cvinfo.h (CodeViewInfo BinaryAnnotationOpcode). */
const operation = {
  end: 0,
  codeOffset: 1,
  changeCodeOffsetBase: 2,
  changeCodeOffset: 3,
  changeCodeLength: 4,
  changeFile: 5,
  changeLineOffset: 6,
  changeLineEndDelta: 7,
  changeRangeKind: 8,
  changeColumnStart: 9,
  changeColumnEndDelta: 10,
  changeCodeOffsetAndLineOffset: 11,
  changeCodeLengthAndCodeOffset: 12,
  changeColumnEnd: 13,
} as const;

/**
 * The ranges that the annotations of a site describe. A step begins a range; it reaches to the next step, or as far as a
 * length says. Damage ends them.
 */
export function readInlineRanges(annotations: Uint8Array): InlineRange[] {
  const walk = new RangeWalk();
  for (const [code, first, second] of walkOperations(annotations)) walk.take(code, first, second);
  return walk.ranges;
}

type Open = Omit<InlineRange, 'end'>;

class RangeWalk {
  readonly ranges: InlineRange[] = [];
  #offset = 0;
  #line = 0;
  #chunk = 0;
  #file: number | undefined;
  #open: Open | undefined;

  take(code: number, first: number, second: number): void {
    switch (code) {
      case operation.codeOffset:
        this.#offset = first;
        break;
      case operation.changeCodeOffsetBase:
        this.#chunk = first;
        this.#offset = 0;
        this.#open = undefined;
        break;
      case operation.changeCodeOffset:
        this.#begin(first);
        break;
      case operation.changeCodeLength:
        // What comes next counts from the end of the range here, and from its beginning where one operation tells both.
        this.#offset += first;
        this.#close(this.#offset);
        break;
      case operation.changeFile:
        this.#file = first;
        break;
      case operation.changeLineOffset:
        this.#line += signed(first);
        break;
      case operation.changeCodeOffsetAndLineOffset:
        this.#line += signed(first >>> 4);
        this.#begin(first & 0xf);
        break;
      case operation.changeCodeLengthAndCodeOffset:
        this.#begin(second);
        this.#close(this.#offset + first);
        break;
      default:
        break;
    }
  }

  #begin(delta: number): void {
    this.#offset += delta;
    this.#close(this.#offset);
    this.#open = { start: this.#offset, chunk: this.#chunk, lineDelta: this.#line, file: this.#file };
  }

  #close(end: number): void {
    if (this.#open !== undefined && end > this.#open.start) this.ranges.push({ ...this.#open, end });
    this.#open = undefined;
  }
}

/** The lowest bit is the sign. */
const signed = (value: number): number => ((value & 1) === 0 ? value >>> 1 : -(value >>> 1));

function* walkOperations(
  bytes: Uint8Array,
): Generator<readonly [code: number, first: number, second: number]> {
  for (let at = 0; at < bytes.length; ) {
    const code = readCompressed(bytes, at);
    if (code === undefined || code.value === operation.end || code.value > operation.changeColumnEnd) return;
    const first = readCompressed(bytes, code.end);
    if (first === undefined) return;
    const isPair = code.value === operation.changeCodeLengthAndCodeOffset;
    const second = isPair ? readCompressed(bytes, first.end) : { value: 0, end: first.end };
    if (second === undefined) return;
    yield [code.value, first.value, second.value];
    at = second.end;
  }
}

/** One, two or four bytes, the highest first; the leading bits tell. */
function readCompressed(bytes: Uint8Array, at: number): { value: number; end: number } | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 0x80) return { value: first, end: at + 1 };
  const second = bytes[at + 1];
  if (first < 0xc0)
    return second === undefined ? undefined : { value: ((first & 0x3f) << 8) | second, end: at + 2 };
  const fourth = bytes[at + 3];
  if (first >= 0xe0 || fourth === undefined) return undefined;
  const value = ((first & 0x1f) << 24) | (second! << 16) | (bytes[at + 2]! << 8) | fourth;
  return { value, end: at + 4 };
}
