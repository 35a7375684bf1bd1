import { Fault, readU16, readU32 } from '../base/index.ts';
import { decodeRuntimeFunction, ImageProblem, type ImageReader, type RuntimeFunction } from '../pe/index.ts';

/** UNWIND_CODE operations. Source: the public x64 exception handling documentation. */
export const X64Op = {
  PushNonvol: 0,
  AllocLarge: 1,
  AllocSmall: 2,
  SetFpreg: 3,
  SaveNonvol: 4,
  SaveNonvolFar: 5,
  /** Version 2: position of an epilog. Version 1: an old form of saving half an XMM register. */
  Epilog: 6,
  Spare: 7,
  SaveXmm128: 8,
  SaveXmm128Far: 9,
  PushMachframe: 10,
} as const;

/** What one instruction of a prolog did. */
export interface X64Code {
  /** Offset of the end of the instruction from the start of the function. */
  readonly offset: number;
  readonly op: number;
  /** Register number, or for PushMachframe whether there is an error code. */
  readonly info: number;
  /** Bytes allocated, or offset of the saved register from the frame's base. */
  readonly value: number;
}

/** Where the epilogs of a version 2 function are; distances are from the end of the function. */
export interface X64Epilogs {
  /** Bytes of each epilog, from its first pop on. */
  readonly size: number;
  readonly distances: readonly number[];
}

export interface X64UnwindInfo {
  readonly version: number;
  readonly sizeOfProlog: number;
  /** 0 when the function has no frame register. */
  readonly frameRegister: number;
  /** Bytes from the frame's base to what the frame register holds. */
  readonly frameOffset: number;
  /** Last instruction of the prolog first. */
  readonly codes: readonly X64Code[];
  readonly epilogs: X64Epilogs | undefined;
  /** The function, or part of it, whose prolog ran before this one's. */
  readonly parent: RuntimeFunction | undefined;
  /** RVA of the exception or termination handler. */
  readonly handler: number | undefined;
}

const flagHandlers = 3;
const flagChained = 4;
const headerSize = 4;

/** The UNWIND_INFO at `rva`. */
export function readX64UnwindInfo(image: ImageReader, rva: number): X64UnwindInfo | ImageProblem {
  const header = image.tryReadRva(rva, headerSize);
  if (header instanceof Fault) return ImageProblem.absent('the unwind information', header);
  const version = header[0]! & 7;
  if (version !== 1 && version !== 2) {
    return new ImageProblem('damaged', `version ${version} of the unwind information is not known`);
  }
  // Slots come in pairs; behind them is at most a RUNTIME_FUNCTION.
  const length = headerSize + ((header[2]! + 1) & ~1) * 2 + tailSize(header[0]! >> 3);
  const bytes = image.tryReadRva(rva, length);
  if (bytes instanceof Fault) return ImageProblem.absent('the unwind information', bytes);
  return (
    decodeX64UnwindInfo(bytes) ?? new ImageProblem('damaged', 'the unwind information contradicts itself')
  );
}

const tailSize = (flags: number): number =>
  (flags & flagChained) !== 0 ? 12 : (flags & flagHandlers) !== 0 ? 4 : 0;

/** Undefined when the version is not known, or the bytes are too few or no valid codes. */
export function decodeX64UnwindInfo(bytes: Uint8Array): X64UnwindInfo | undefined {
  if (bytes.length < headerSize) return undefined;
  const version = bytes[0]! & 7;
  const flags = bytes[0]! >> 3;
  const count = bytes[2]!;
  const tail = headerSize + ((count + 1) & ~1) * 2;
  if ((version !== 1 && version !== 2) || bytes.length < tail + tailSize(flags)) return undefined;
  const codes = decodeCodes(bytes.subarray(headerSize, headerSize + count * 2), version);
  if (codes === undefined) return undefined;
  const chained = (flags & flagChained) !== 0;
  return {
    version,
    sizeOfProlog: bytes[1]!,
    frameRegister: bytes[3]! & 15,
    frameOffset: (bytes[3]! >> 4) * 16,
    codes: codes.filter(({ op }) => op !== X64Op.Epilog && op !== X64Op.Spare),
    epilogs: version === 2 ? decodeEpilogs(codes) : undefined,
    parent: chained ? decodeRuntimeFunction(bytes, tail) : undefined,
    handler: !chained && (flags & flagHandlers) !== 0 ? readU32(bytes, tail) : undefined,
  };
}

function decodeCodes(slots: Uint8Array, version: number): X64Code[] | undefined {
  const codes: X64Code[] = [];
  for (let at = 0; at < slots.length; ) {
    const op = slots[at + 1]! & 15;
    const info = slots[at + 1]! >> 4;
    const count = slotsOf(op, info, version);
    if (count === 0 || at + count * 2 > slots.length) return undefined;
    codes.push({ offset: slots[at]!, op, info, value: valueOf(op, info, slots, at) });
    at += count * 2;
  }
  return codes;
}

/** Slots of an operation; 0 for one that does not exist. */
function slotsOf(op: number, info: number, version: number): number {
  switch (op) {
    case X64Op.PushNonvol:
    case X64Op.AllocSmall:
    case X64Op.SetFpreg:
    case X64Op.PushMachframe:
      return 1;
    case X64Op.AllocLarge:
      return info === 0 ? 2 : info === 1 ? 3 : 0;
    case X64Op.SaveNonvol:
    case X64Op.SaveXmm128:
      return 2;
    case X64Op.SaveNonvolFar:
    case X64Op.SaveXmm128Far:
    case X64Op.Spare:
      return 3;
    case X64Op.Epilog:
      return version === 2 ? 1 : 2;
    default:
      return 0;
  }
}

function valueOf(op: number, info: number, slots: Uint8Array, at: number): number {
  switch (op) {
    case X64Op.AllocSmall:
      return info * 8 + 8;
    case X64Op.AllocLarge:
      return info === 0 ? readU16(slots, at + 2) * 8 : readU32(slots, at + 2);
    case X64Op.SaveNonvol:
      return readU16(slots, at + 2) * 8;
    case X64Op.SaveXmm128:
      return readU16(slots, at + 2) * 16;
    case X64Op.SaveNonvolFar:
    case X64Op.SaveXmm128Far:
      return readU32(slots, at + 2);
    default:
      return 0;
  }
}

/** The first code gives the size, and in bit 0 whether an epilog ends the function; the others give a distance each. */
function decodeEpilogs(codes: readonly X64Code[]): X64Epilogs | undefined {
  const [first, ...others] = codes.filter(({ op }) => op === X64Op.Epilog);
  if (first === undefined || first.offset === 0) return undefined;
  const distances = others
    .map(({ offset, info }) => offset | (info << 8))
    .filter((distance) => distance !== 0);
  return { size: first.offset, distances: (first.info & 1) !== 0 ? [first.offset, ...distances] : distances };
}
