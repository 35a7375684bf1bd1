import { DebuggerError, type Va } from '../base/index.ts';
import {
  type Fields,
  type Layout,
  StructView,
  TRIAGE_DATA_BLOCK32,
  TRIAGE_DATA_BLOCK64,
  TRIAGE_DUMP32,
  TRIAGE_DUMP64,
} from '../layouts/index.ts';
import type { AddressBlock } from './address-block.ts';
import {
  readTriageDrivers,
  readTriageUnloadedDrivers,
  type TriageDriver,
  type TriageUnloadedDriver,
} from './triage-drivers.ts';
import { addressOf, type TriageInput } from './triage-input.ts';

const TRGD = 0x44475254;
/** Real dumps have 5,000 at most. */
const maxBlocks = 1 << 18;

/** A part of the file. */
export interface Section {
  readonly offset: number;
  readonly size: number;
}

/** A small memory dump: no page tables, only what Windows chose to save. See docs/formats/triage-dump.md. */
export interface TriageDump {
  /** End of the triage part; secondary data may follow. */
  readonly end: number;
  readonly triageOptions: number;
  readonly stack: (Section & { readonly va: Va }) | undefined;
  readonly prcb: number | undefined;
  readonly process: number | undefined;
  readonly thread: number | undefined;
  readonly debuggerData: Section | undefined;
  readonly dataPage: (Section & { readonly va: Va }) | undefined;
  readonly blocks: readonly AddressBlock[];
  readonly drivers: readonly TriageDriver[];
  /** Newest first. */
  readonly unloadedDrivers: readonly TriageUnloadedDriver[];
}

export function readTriage(input: TriageInput): TriageDump {
  const { file, header } = input;
  const of: Layout<Fields> = header.bits === 64 ? TRIAGE_DUMP64 : TRIAGE_DUMP32;
  const bytes = file.read(header.size, of.size);
  if (bytes.length < of.size)
    throw new DebuggerError('DUMP_TRUNCATED_HEADER', 'the file ends inside the triage block');
  const view = new StructView(of, bytes);
  const u32 = (name: string) => view.get(name) as number;
  checkEnd(input, u32('ValidOffset'), u32('SizeOfDump'));
  return {
    end: u32('SizeOfDump'),
    triageOptions: u32('TriageOptions'),
    stack: located(
      input,
      'stack',
      u32('CallStackOffset'),
      u32('SizeOfCallStack'),
      addressOf(view.get('TopOfStack') as never),
    ),
    prcb: offsetIn(input, u32('PrcbOffset')),
    process: offsetIn(input, u32('ProcessOffset')),
    thread: offsetIn(input, u32('ThreadOffset')),
    debuggerData: section(input, 'debugger data', u32('DebuggerDataOffset'), u32('DebuggerDataSize')),
    dataPage: located(
      input,
      'data page',
      u32('DataPageOffset'),
      u32('DataPageSize'),
      addressOf(view.get('DataPageAddress') as never),
    ),
    blocks: readDataBlocks(input, u32('DataBlocksOffset'), u32('DataBlocksCount')),
    drivers: readTriageDrivers(input, view),
    unloadedDrivers: readTriageUnloadedDrivers(input, u32('UnloadedDriversOffset')),
  };
}

function checkEnd({ file, warnings }: TriageInput, validOffset: number, size: number): void {
  if (size > file.size) {
    warnings.add('dump-truncated', `the file ends ${size - file.size} bytes before the end of the dump`);
  } else if (file.readU32(validOffset) !== TRGD) {
    warnings.add(
      'triage-end-mark',
      'the end mark (TRGD) is missing: the dump was not finished',
      BigInt(validOffset),
    );
  }
}

const offsetIn = ({ file }: TriageInput, offset: number): number | undefined =>
  offset === 0 || offset >= file.size ? undefined : offset;

/** A section cut to the file, or undefined when it is absent or wholly outside. */
function section(
  { file, warnings }: TriageInput,
  name: string,
  offset: number,
  size: number,
): Section | undefined {
  if (offset === 0 || size === 0) return undefined;
  const room = Math.max(0, file.size - offset);
  if (size > room)
    warnings.add(
      'section-outside-file',
      `the ${name} section reaches past the end of the file`,
      BigInt(offset),
    );
  return room === 0 ? undefined : { offset, size: Math.min(size, room) };
}

function located(input: TriageInput, name: string, offset: number, size: number, va: Va) {
  const found = section(input, name, offset, size);
  return found === undefined ? undefined : { ...found, va };
}

function readDataBlocks(
  { file, header, warnings }: TriageInput,
  start: number,
  count: number,
): AddressBlock[] {
  if (start === 0 || start >= file.size) {
    if (count > 0)
      warnings.add('section-outside-file', 'the list of data blocks is outside the file', BigInt(start));
    return [];
  }
  const of: Layout<Fields> = header.bits === 64 ? TRIAGE_DATA_BLOCK64 : TRIAGE_DATA_BLOCK32;
  const room = Math.min(Math.floor((file.size - start) / of.size), maxBlocks);
  if (count > room)
    warnings.add('block-count', `the dump claims ${count} data blocks; ${room} at most are read`);
  const bytes = file.read(start, Math.min(count, room) * of.size);
  const blocks: AddressBlock[] = [];
  let outside = 0;
  for (let at = 0; at + of.size <= bytes.length; at += of.size) {
    const view = new StructView(of, bytes, at);
    const offset = view.get('Offset') as number;
    const size = view.get('Size') as number;
    const present = Math.min(size, file.size - offset);
    if (present < size) outside++;
    if (present > 0)
      blocks.push({ kind: 'data-block', va: addressOf(view.get('Address') as never), size: present, offset });
  }
  if (outside > 0)
    warnings.add('block-outside-file', `${outside} data blocks reach past the end of the file`);
  return blocks;
}
