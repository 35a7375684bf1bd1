import { Fault, readU16, readU32 } from '../base/index.ts';
import { ImageProblem, type ImageReader, type RuntimeFunction } from '../pe/index.ts';
import {
  type Arm64Epilog,
  type Arm64Op,
  type Arm64UnwindInfo,
  decodeArm64Codes,
  scopeSize,
} from './arm64-codes.ts';
import { expandPacked } from './arm64-packed.ts';

/** The unwind data of a function, packed into its entry or in an .xdata record. */
export function readArm64UnwindInfo(
  image: ImageReader,
  { unwindData }: RuntimeFunction,
): Arm64UnwindInfo | ImageProblem {
  const flag = unwindData & 3;
  if (flag === 0) return readRecord(image, unwindData);
  return flag === 3
    ? damaged('the entry of the exception directory is of no known kind')
    : expandPacked(unwindData);
}

const damaged = (reason: string): ImageProblem => new ImageProblem('damaged', reason);

function readRecord(image: ImageReader, rva: number): Arm64UnwindInfo | ImageProblem {
  const head = image.tryReadRva(rva, 8);
  const got = head instanceof Fault ? head.got : head;
  if (got.length < 4) return ImageProblem.absent('the unwind information', head as Fault);
  const length = recordSize(got);
  const bytes = length === undefined ? head : image.tryReadRva(rva, length);
  if (bytes instanceof Fault) return ImageProblem.absent('the unwind information', bytes);
  return (
    decodeArm64Record(bytes) ??
    damaged('the unwind information is of an unknown version or contradicts itself')
  );
}

interface Header {
  readonly length: number;
  readonly version: number;
  /** A single epilog ends the function; `epilogCount` is the index of its first code. */
  readonly epilogInHeader: boolean;
  readonly epilogCount: number;
  readonly codeWords: number;
  /** Bytes of the header. */
  readonly size: number;
}

/** Undefined when the second word is needed and missing. */
function decodeHeader(bytes: Uint8Array): Header | undefined {
  const word = readU32(bytes, 0);
  const common = {
    length: word & 0x3ffff,
    version: (word >>> 18) & 3,
    epilogInHeader: (word & 0x20_0000) !== 0,
  };
  const epilogCount = (word >>> 22) & 31;
  const codeWords = word >>> 27;
  if (epilogCount !== 0 || codeWords !== 0) return { ...common, epilogCount, codeWords, size: 4 };
  return bytes.length < 8
    ? undefined
    : { ...common, epilogCount: readU16(bytes, 4), codeWords: bytes[6]!, size: 8 };
}

const scopeCount = ({ epilogInHeader, epilogCount }: Header): number => (epilogInHeader ? 0 : epilogCount);

function recordSize(bytes: Uint8Array): number | undefined {
  const header = decodeHeader(bytes);
  return header && header.size + (scopeCount(header) + header.codeWords) * 4;
}

/** An .xdata record; undefined when the version is not known, bytes are missing or codes are not valid. */
export function decodeArm64Record(bytes: Uint8Array): Arm64UnwindInfo | undefined {
  const header = bytes.length < 4 ? undefined : decodeHeader(bytes);
  if (header === undefined || header.version !== 0) return undefined;
  const codesAt = header.size + scopeCount(header) * 4;
  if (bytes.length < codesAt + header.codeWords * 4) return undefined;
  const codes = bytes.subarray(codesAt, codesAt + header.codeWords * 4);
  const prolog = decodeArm64Codes(codes, 0);
  if (prolog === undefined) return undefined;
  const epilogs = header.epilogInHeader ? lastEpilog(header, codes) : listedEpilogs(header, bytes, codes);
  return { length: header.length, prolog, epilogs };
}

function lastEpilog({ length, epilogCount }: Header, codes: Uint8Array): Arm64Epilog[] {
  const ops = decodeArm64Codes(codes, epilogCount);
  return ops === undefined ? [] : [{ start: length - scopeSize(ops) - 1, ops }];
}

function listedEpilogs(header: Header, bytes: Uint8Array, codes: Uint8Array): Arm64Epilog[] {
  const epilogs: Arm64Epilog[] = [];
  const sequences = new Map<number, readonly Arm64Op[] | undefined>();
  for (let index = 0; index < scopeCount(header); index++) {
    const word = readU32(bytes, header.size + index * 4);
    const first = word >>> 22;
    if (!sequences.has(first)) sequences.set(first, decodeArm64Codes(codes, first));
    const ops = sequences.get(first);
    if (ops !== undefined) epilogs.push({ start: word & 0x3ffff, ops });
  }
  return epilogs;
}
