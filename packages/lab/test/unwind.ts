/** A small unwinder for x64, written from the public documentation of unwind codes; nothing of the lab in it. */

export interface UnwindState {
  ip: bigint;
  /** By register number: 4 is rsp. */
  readonly registers: bigint[];
}

export interface UnwindMemory {
  u16(va: bigint): number;
  u32(va: bigint): number;
  u64(va: bigint): bigint;
}

/** Address of .pdata and number of entries of the image that holds an address. */
export type FindTable = (ip: bigint) => { base: bigint; table: bigint; count: number } | undefined;

const rsp = 4;

/** Undoes one frame; false where the chain ends. */
export function unwindFrame(state: UnwindState, memory: UnwindMemory, findTable: FindTable): boolean {
  const image = findTable(state.ip);
  if (image === undefined) return false;
  const entry = findEntry(image, state.ip, memory);
  if (
    entry !== undefined &&
    undo(state, memory, image.base, entry, Number(state.ip - image.base) - entry.begin)
  )
    return true;
  state.ip = memory.u64(state.registers[rsp]!);
  state.registers[rsp]! += 8n;
  return state.ip !== 0n;
}

interface Entry {
  readonly begin: number;
  readonly info: number;
}

function findEntry(
  image: { base: bigint; table: bigint; count: number },
  ip: bigint,
  memory: UnwindMemory,
): Entry | undefined {
  const rva = Number(ip - image.base);
  for (let index = 0; index < image.count; index++) {
    const at = image.table + BigInt(12 * index);
    if (rva >= memory.u32(at) && rva < memory.u32(at + 4n))
      return { begin: memory.u32(at), info: memory.u32(at + 8n) };
  }
  return undefined;
}

/** True when a machine frame gave the new instruction pointer. */
function undo(
  state: UnwindState,
  memory: UnwindMemory,
  base: bigint,
  entry: Entry,
  executed: number,
): boolean {
  const { registers } = state;
  const info = base + BigInt(entry.info);
  const [versionFlags, prologSize] = [memory.u16(info) & 0xff, memory.u16(info) >> 8];
  const [count, frame] = [memory.u16(info + 2n) & 0xff, memory.u16(info + 2n) >> 8];
  const slot = (index: number): number => memory.u16(info + 4n + BigInt(2 * index));
  const inProlog = executed < prologSize;
  for (let index = 0; index < count; ) {
    const code = slot(index);
    const [offset, operation, operand] = [code & 0xff, (code >> 8) & 15, code >> 12];
    const skip = inProlog && offset > executed;
    const next = slot(index + 1);
    const wide = next | (index + 2 < count ? slot(index + 2) << 16 : 0);
    const slots = [1, operand === 0 ? 2 : 3, 1, 1, 2, 3, 1, 1, 2, 3, 1][operation]!;
    index += slots;
    if (skip) continue;
    const sp = registers[rsp]!;
    if (operation === 0) {
      registers[operand] = memory.u64(sp);
      registers[rsp] = sp + 8n;
    } else if (operation === 1) registers[rsp] = sp + BigInt(operand === 0 ? next * 8 : wide);
    else if (operation === 2) registers[rsp] = sp + BigInt(operand * 8 + 8);
    else if (operation === 3) registers[rsp] = registers[frame & 15]! - BigInt((frame >> 4) * 16);
    else if (operation === 4) registers[operand] = memory.u64(sp + BigInt(next * 8));
    else if (operation === 5) registers[operand] = memory.u64(sp + BigInt(wide));
    else if (operation === 10) {
      const at = sp + BigInt(operand * 8);
      state.ip = memory.u64(at);
      registers[rsp] = memory.u64(at + 24n);
      return true;
    }
  }
  const chained = ((versionFlags >> 3) & 4) !== 0;
  if (!chained) return false;
  const parent = info + 4n + BigInt(2 * (count + (count & 1)));
  return undo(
    state,
    memory,
    base,
    { begin: memory.u32(parent), info: memory.u32(parent + 8n) },
    Number.MAX_SAFE_INTEGER,
  );
}
