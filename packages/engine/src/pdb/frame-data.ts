import { FPO_DATA, FRAMEDATA, StructView } from '../layouts/index.ts';
import type { Dbi } from './dbi.ts';
import { PlaceIndex } from './place-index.ts';
import { nameAt } from './symbol-record.ts';

/** How code of x86 uses its stack. Sizes are bytes. */
export interface FrameData {
  /** RVA where the description begins to hold, and how far it does. */
  readonly start: number;
  readonly length: number;
  /** Room for variables, and arguments that the function takes off the stack. */
  readonly localBytes: number;
  readonly parameterBytes: number;
  readonly prologBytes: number;
  readonly savedRegisterBytes: number;
  readonly hasSeh: boolean;
  /** Does a function begin at `start`? Otherwise it is a part of one, or one that is called inside of another. */
  readonly beginsFunction: boolean;
  /**
   * Does the address stand behind an inner part with data of its own? Compilers end such a part at the first instruction that
   * undoes it, also where other code behind that still stands on it.
   */
  readonly isBehindPart: boolean;
  /** EBP is used for other things than frames; undefined where the program says what is done with it. */
  readonly usesEbp: boolean | undefined;
  /** 0 no frame pointer, 1 trap frame, 2 TSS, 3 EBP frame; undefined where a program describes the frame. */
  readonly frameType: number | undefined;
  /** The caller's registers in postfix notation: `$T0 $ebp = $eip $T0 4 + ^ = ...`. */
  readonly program: string | undefined;
}

interface Table {
  readonly byStart: PlaceIndex;
  readonly bytes: Uint8Array;
}

/** Frame descriptions of x86 programs, of both kinds; those with a program say more and come first. */
export class FrameDataTables {
  readonly #old: Table;
  readonly #new: Table;
  readonly #names: Uint8Array;

  /** `names`: the text of the stream `/names`, behind its header. */
  constructor(dbi: Dbi, names: Uint8Array) {
    this.#old = readTable(dbi.debugStream('fpo')?.bytes(), FPO_DATA.size);
    this.#new = readTable(dbi.debugStream('newFpo')?.bytes(), FRAMEDATA.size);
    this.#names = names;
  }

  find(rva: number): FrameData | undefined {
    const described = findRecord(this.#new, rva);
    if (described !== undefined) return this.#decodeNew(described);
    const plain = findRecord(this.#old, rva);
    return plain === undefined ? undefined : decodeOld(this.#old.bytes, plain);
  }

  #decodeNew({ record, isBehindPart }: FoundRecord): FrameData {
    const view = new StructView(FRAMEDATA, this.#new.bytes, record);
    const program = nameAt(this.#names, view.get('frameFunc'), this.#names.length);
    return {
      start: view.get('ulRvaStart'),
      length: view.get('cbBlock'),
      localBytes: view.get('cbLocals'),
      parameterBytes: view.get('cbParams'),
      prologBytes: view.get('cbProlog'),
      savedRegisterBytes: view.get('cbSavedRegs'),
      hasSeh: (view.get('flags') & 1) !== 0,
      beginsFunction: (view.get('flags') & 4) !== 0,
      isBehindPart,
      usesEbp: undefined,
      frameType: undefined,
      program: program === '' ? undefined : program,
    };
  }
}

/** Sizes are counted in words of 4 bytes; the last byte holds registers, two flags and the type of the frame. */
function decodeOld(bytes: Uint8Array, { record, isBehindPart }: FoundRecord): FrameData {
  const view = new StructView(FPO_DATA, bytes, record);
  const flags = view.get('flags');
  return {
    start: view.get('ulOffStart'),
    length: view.get('cbProcSize'),
    localBytes: view.get('cdwLocals') * 4,
    parameterBytes: view.get('cdwParams') * 4,
    prologBytes: view.get('cbProlog'),
    savedRegisterBytes: (flags & 7) * 4,
    hasSeh: (flags & 8) !== 0,
    beginsFunction: true,
    isBehindPart,
    usesEbp: (flags & 0x10) !== 0,
    frameType: flags >>> 6,
    program: undefined,
  };
}

function readTable(stream: Uint8Array | undefined, size: number): Table {
  const bytes = stream ?? new Uint8Array(0);
  const count = Math.floor(bytes.length / size);
  const keys = new Float64Array(count);
  const values = new Uint32Array(count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let index = 0; index < count; index++) {
    keys[index] = view.getUint32(index * size, true);
    values[index] = index * size;
  }
  return { byStart: new PlaceIndex(keys, values), bytes };
}

/** Inner blocks repeat what holds of outer ones that go on behind them: so many are looked over. */
const maxEnclosing = 64;

interface FoundRecord {
  /** Its place in the table. */
  readonly record: number;
  readonly isBehindPart: boolean;
}

/** The record that begins last of those around an RVA. Both kinds have the size in their second word. */
function findRecord({ byStart, bytes }: Table, rva: number): FoundRecord | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const last = byStart.after(rva) - 1;
  for (let at = last; at >= 0 && at > last - maxEnclosing; at--) {
    const record = byStart.values[at]!;
    if (rva - byStart.keys[at]! < view.getUint32(record + 4, true))
      return { record, isBehindPart: at !== last };
  }
  return undefined;
}
