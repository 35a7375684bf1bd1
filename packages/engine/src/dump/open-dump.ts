import { DebuggerError, Warnings } from '../base/index.ts';
import { BlockCache, type BlockCacheOptions, type ByteSource } from '../io/index.ts';
import type { AddressBlock } from './address-block.ts';
import { hasBitmapBlock, readBitmapBody } from './bitmap-body.ts';
import { type DumpFormat, DumpType, formatOfDumpType } from './dump-type.ts';
import { readFullBody } from './full-body.ts';
import { type DumpHeader, decodeHeader } from './header.ts';
import type { BodyInput, PageBody } from './page-body.ts';
import { PhysicalMemory } from './physical-memory.ts';
import { readRangeBody } from './range-body.ts';
import { readSecondaryData, type SecondaryDataBlob } from './secondary-data.ts';
import { readTriage, type TriageDump } from './triage.ts';
import { triageSections } from './triage-structures.ts';

/** An opened container: header, and physical memory or saved blocks of virtual memory. */
export interface Dump {
  readonly file: BlockCache;
  readonly format: DumpFormat;
  readonly header: DumpHeader;
  readonly warnings: Warnings;
  /** Absent in triage and header-only dumps. */
  readonly physical: PhysicalMemory | undefined;
  /** Saved blocks of virtual memory in order of precedence; only in triage dumps. */
  readonly blocks: readonly AddressBlock[];
  readonly triage: TriageDump | undefined;
  /** Records behind the memory of the dump. Walked when asked for. */
  secondaryData(): readonly SecondaryDataBlob[];
}

/** Opens a container of any kind. Throws a DebuggerError when it is not a kernel dump; damage becomes warnings. */
export function openDump(source: ByteSource, options: BlockCacheOptions = {}): Dump {
  if (source.size === 0) throw new DebuggerError('FILE_EMPTY', 'the file is empty');
  const file = new BlockCache(source, options);
  const header = decodeHeader(file.read(0, 0x2000));
  const warnings = new Warnings();
  const input: BodyInput = { file, header, warnings };
  checkEncryption(header);
  checkCounts(input);
  const format = formatOf(input);
  if (format === 'triage') return openTriage(input);
  const body = format === 'header' ? undefined : readBody(input, format);
  const physical = body === undefined ? undefined : new PhysicalMemory(file, body.pages);
  return {
    file,
    format,
    header,
    warnings,
    physical,
    blocks: [],
    triage: undefined,
    secondaryData: () => readSecondaryData(file, body?.end() ?? header.size),
  };
}

const encrypted = 0x100;
const decrypted = 0x200;

/** Memory of an encrypted dump is ciphertext. Source: DUMP_FILE_ATTRIBUTES of mindumpdef.h. */
function checkEncryption({ attributes = 0 }: DumpHeader): void {
  if ((attributes & encrypted) !== 0 && (attributes & decrypted) === 0) {
    throw new DebuggerError('DUMP_ENCRYPTED', 'the memory in this dump is encrypted');
  }
}

function checkCounts({ header, warnings }: BodyInput): void {
  if (!header.hasBugCheck) warnings.add('bug-check', 'the header holds no bug check');
  if (header.processors === undefined || header.processors === 0 || header.processors > 2048) {
    warnings.add('processor-count', `the header claims ${header.processors ?? 'no'} processors`);
  }
}

function formatOf(input: BodyInput): DumpFormat {
  const { dumpType } = input.header;
  const format = formatOfDumpType(dumpType);
  if (format === undefined) {
    throw new DebuggerError(
      'DUMP_UNSUPPORTED_TYPE',
      `the dump is of the unknown type 0x${dumpType.toString(16)}`,
    );
  }
  // Machines with many memory runs get a bitmap under the type of a full dump.
  return format === 'full' && hasBitmapBlock(input) ? 'bitmap-full' : format;
}

function readBody(input: BodyInput, format: DumpFormat): PageBody {
  if (format === 'full') return readFullBody(input);
  return input.header.dumpType >= DumpType.RangeKernel ? readRangeBody(input) : readBitmapBody(input);
}

function openTriage(input: BodyInput): Dump {
  const { file, header, warnings } = input;
  const triage = readTriage(input);
  return {
    file,
    format: 'triage',
    header,
    warnings,
    physical: undefined,
    blocks: [...triage.blocks, ...triageSections(file, header, triage)],
    triage,
    secondaryData: () => readSecondaryData(file, triage.end),
  };
}
