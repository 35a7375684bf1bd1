import { readU32, readU64, signExtend32, type Va } from '../base/index.ts';
import type { BlockCache } from '../io/index.ts';
import { KDDEBUGGER_DATA64, StructView } from '../layouts/index.ts';
import type { AddressBlock } from './address-block.ts';
import type { DumpHeader } from './header.ts';
import type { TriageDump } from './triage.ts';

const maxStructure = 0x40000;

/**
 * The sections of a triage dump as blocks of virtual memory. The file gives no addresses for the PRCB, process and
 * thread images; they follow from pointers: the PRCB names the thread, the thread its process, and the empty list
 * heads inside the PRCB point at themselves.
 */
export function triageSections(file: BlockCache, header: DumpHeader, triage: TriageDump): AddressBlock[] {
  const sections: AddressBlock[] = [];
  if (triage.stack !== undefined) sections.push({ kind: 'stack', ...triage.stack });
  if (triage.dataPage !== undefined) sections.push({ kind: 'data-page', ...triage.dataPage });
  const { debuggerData } = triage;
  if (debuggerData !== undefined) {
    if (header.kdDebuggerDataBlock !== undefined) {
      sections.push({ kind: 'debugger-data', va: header.kdDebuggerDataBlock, ...debuggerData });
    }
    const bytes = file.read(debuggerData.offset, Math.min(debuggerData.size, 0x1000));
    sections.push(...structures(file, header, triage, new StructView(KDDEBUGGER_DATA64, bytes)));
  }
  return sections.filter((block) => block.size > 0);
}

type DebuggerData = StructView<(typeof KDDEBUGGER_DATA64)['fields']>;

function structures(
  file: BlockCache,
  header: DumpHeader,
  triage: TriageDump,
  data: DebuggerData,
): AddressBlock[] {
  if (!data.has('SizeEThread')) return [];
  const pointer = (bytes: Uint8Array, at: number): Va | undefined =>
    at === 0 || at + header.bits / 8 > bytes.length
      ? undefined
      : header.bits === 64
        ? readU64(bytes, at)
        : signExtend32(readU32(bytes, at));
  const image = (offset: number | undefined, size: number) =>
    offset === undefined ? new Uint8Array(0) : file.read(offset, Math.min(size, maxStructure));
  const prcb = image(triage.prcb, data.get('SizePrcb'));
  const thread = image(triage.thread, data.get('SizeEThread'));
  const process = image(triage.process, data.get('SizeEProcess'));
  const threadVa = pointer(prcb, data.get('OffsetPrcbCurrentThread'));
  const processVa = pointer(thread, data.get('OffsetKThreadApcProcess'));
  const blocks: AddressBlock[] = [];
  const add = (kind: AddressBlock['kind'], va: Va | undefined, offset: number | undefined, size: number) => {
    if (va !== undefined && offset !== undefined && va !== 0n) blocks.push({ kind, va, offset, size });
  };
  add('prcb', header.bits === 64 ? selfAddress(prcb) : undefined, triage.prcb, prcb.length);
  add('thread', threadVa, triage.thread, thread.length);
  add('process', processVa, triage.process, process.length);
  return blocks;
}

/**
 * Address of a 64-bit structure from its empty list heads: two equal neighbouring pointers to their own place.
 * At least two heads must agree.
 */
function selfAddress(bytes: Uint8Array): Va | undefined {
  const votes = new Map<Va, number>();
  for (let at = 0; at + 16 <= bytes.length; at += 8) {
    if (readU32(bytes, at + 4) < 0xffff0000 || readU32(bytes, at) !== readU32(bytes, at + 8)) continue;
    const link = readU64(bytes, at);
    if (link !== readU64(bytes, at + 8)) continue;
    const base = link - BigInt(at);
    if ((base & 0x3fn) === 0n) votes.set(base, (votes.get(base) ?? 0) + 1);
  }
  const [best] = [...votes].sort((a, b) => b[1] - a[1]);
  return best !== undefined && best[1] >= 2 ? best[0] : undefined;
}
