import { signExtend32, type Va } from '../base/index.ts';
import { KDDEBUGGER_DATA64, StructView } from '../layouts/index.ts';
import { solveEncoding } from './debugger-data-encoding.ts';
import { type Sourced, sourced, type Target } from './target.ts';

const KDBG = 0x4742444b;
const maxSize = 0x1000;

type Fields = typeof KDDEBUGGER_DATA64.fields;
type FieldName = keyof Fields;

/** The debugger data block of the kernel, decoded. Fields that an older kernel's shorter block lacks are undefined. */
export class DebuggerData {
  readonly #view: StructView<Fields>;

  constructor(bytes: Uint8Array) {
    this.#view = new StructView(KDDEBUGGER_DATA64, bytes);
  }

  get size(): number {
    return this.#view.get('Size');
  }

  /** An address or value of 8 bytes; undefined when the block lacks it or it is 0. */
  address(name: FieldName): Va | undefined {
    if (!this.#view.has(name)) return undefined;
    const value = BigInt(this.#view.get(name) as number | bigint);
    return value === 0n ? undefined : value;
  }

  /** An offset or size; undefined when the block lacks it, it is 0, or it is the mark for "none". */
  offset(name: FieldName): number | undefined {
    if (!this.#view.has(name)) return undefined;
    const value = Number(this.#view.get(name) as number | bigint);
    return value === 0 || value === 0xffff || value === 0xffff_ffff ? undefined : value;
  }
}

/** Reads the block from the triage section or from memory; decodes it when the kernel kept it encoded. */
export function readDebuggerData(target: Target): Sourced<DebuggerData> | undefined {
  const { header, triage, file } = target.dump;
  if (triage?.debuggerData !== undefined) {
    const bytes = file.read(triage.debuggerData.offset, Math.min(triage.debuggerData.size, maxSize));
    return accept(target, bytes, 'debugger data section of the triage dump');
  }
  if (header.kdDebuggerDataBlock === undefined) return undefined;
  const bytes = readAvailable(target, header.kdDebuggerDataBlock);
  return bytes === undefined ? undefined : accept(target, bytes, 'debugger data block in memory');
}

function accept(target: Target, bytes: Uint8Array, from: string): Sourced<DebuggerData> | undefined {
  if (bytes.length < 0x290) return undefined;
  const plain = new StructView(KDDEBUGGER_DATA64, bytes);
  if (plain.get('OwnerTag') === KDBG) return sourced(widen(target, cut(bytes)), from);
  const decoded = solveEncoding(bytes, target.dump.header);
  if (decoded !== undefined) return sourced(new DebuggerData(cut(decoded)), `${from}, decoded`);
  target.warnings.add(
    'debugger-data',
    'the debugger data block is damaged or encoded in an unknown way',
    target.dump.header.kdDebuggerDataBlock,
  );
  return undefined;
}

/** The block says how long it is. */
function cut(bytes: Uint8Array): Uint8Array {
  const size = new StructView(KDDEBUGGER_DATA64, bytes).get('Size');
  return size >= 0x290 && size < bytes.length ? bytes.subarray(0, size) : bytes;
}

/** 32-bit kernels may leave pointers unextended. */
function widen(target: Target, bytes: Uint8Array): DebuggerData {
  if (target.machine !== 'x86') return new DebuggerData(bytes);
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  for (const { offset, kind } of Object.values(KDDEBUGGER_DATA64.fields)) {
    if (kind !== 'u64' || offset + 8 > copy.length || view.getUint32(offset + 4, true) !== 0) continue;
    view.setBigUint64(offset, signExtend32(view.getUint32(offset, true)), true);
  }
  return new DebuggerData(copy);
}

/** What is there of the block: its end may lie on a page that is not in the dump. */
function readAvailable(target: Target, va: Va): Uint8Array | undefined {
  for (const length of [maxSize, 0x3a0, 0x380, 0x340, 0x290]) {
    const bytes = target.readBytes(va, length);
    if (bytes !== undefined) return bytes;
  }
  return undefined;
}
