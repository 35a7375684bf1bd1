import { DebuggerError, isPrintable, latin1z, type Pa, signExtend32, type Va } from '../base/index.ts';
import { type Machine, machineOfImageType } from '../cpu/index.ts';
import { DUMP_HEADER32, DUMP_HEADER64, type Fields, StructView } from '../layouts/index.ts';

/** Writers fill what they leave out with the text `PAGE`; such a field reads as absent. */
const filler32 = 0x45474150;
const filler64 = 0x4547415045474150n;

/** Either header, with addresses widened to 64 bits. Absent: the writer left the field out. */
export interface DumpHeader {
  readonly bits: 32 | 64;
  /** Header length: where the body starts. */
  readonly size: number;
  readonly machine: Machine;
  readonly dumpType: number;
  /** 0xF free build, 0xC checked build. */
  readonly majorVersion: number;
  /** Build number, e.g. 19041. */
  readonly build: number;
  readonly processors: number | undefined;
  readonly directoryTableBase: Pa;
  /** Address of the variable nt!MmPfnDatabase, or its value: writers differ (seen in real triage dumps). */
  readonly pfnDatabase: Va | undefined;
  readonly psLoadedModuleList: Va | undefined;
  readonly psActiveProcessHead: Va | undefined;
  readonly kdDebuggerDataBlock: Va | undefined;
  /** 0 when the writer left it out. */
  readonly bugCheckCode: number;
  readonly hasBugCheck: boolean;
  readonly bugCheckParameters: readonly [bigint, bigint, bigint, bigint];
  /** x86 only: page tables have 8-byte entries. */
  readonly paeEnabled: boolean | undefined;
  /** Bytes of PhysicalMemoryBlock, absent when filled. */
  readonly physicalMemoryBlock: Uint8Array | undefined;
  readonly contextRecord: Uint8Array | undefined;
  readonly exception: Uint8Array | undefined;
  /** FILETIME, UTC. */
  readonly systemTime: bigint | undefined;
  /** In units of 100 ns. */
  readonly systemUpTime: bigint | undefined;
  readonly requiredDumpSpace: bigint | undefined;
  readonly comment: string | undefined;
  readonly versionUser: string | undefined;
  readonly miniDumpFields: number | undefined;
  readonly secondaryDataState: number | undefined;
  readonly productType: number | undefined;
  readonly suiteMask: number | undefined;
  readonly writerStatus: number | undefined;
  readonly attributes: number | undefined;
  readonly bootId: number | undefined;
}

type HeaderView = StructView<Fields>;

/** Decodes the first bytes of a file, or says why they are not a kernel dump's. `bytes` may be longer than a header. */
export function decodeHeader(bytes: Uint8Array): DumpHeader {
  const bits = checkSignature(bytes);
  const of = bits === 64 ? DUMP_HEADER64 : DUMP_HEADER32;
  if (bytes.length < of.size) {
    throw new DebuggerError(
      'DUMP_TRUNCATED_HEADER',
      `the file ends inside the dump header (${bytes.length} of ${of.size} bytes)`,
    );
  }
  const view: HeaderView = new StructView<Fields>(of, bytes.subarray(0, of.size));
  const imageType = view.get('MachineImageType') as number;
  const machine = machineOfImageType(imageType);
  if (machine === undefined || (machine === 'x86') !== (bits === 32)) {
    throw new DebuggerError(
      'DUMP_UNSUPPORTED_MACHINE',
      `the dump is of machine type 0x${imageType.toString(16)}${machine === undefined ? '' : ` in a ${bits}-bit header`}`,
    );
  }
  return readHeader(view, bits, machine);
}

function checkSignature(bytes: Uint8Array): 32 | 64 {
  const signature = String.fromCharCode(...bytes.subarray(0, 8));
  if (signature === 'PAGEDU64') return 64;
  if (signature === 'PAGEDUMP') return 32;
  if (signature.startsWith('MDMP'))
    throw new DebuggerError('DUMP_USER_MINIDUMP', 'the file is a user-mode minidump, not a kernel dump');
  if (bytes.every((byte) => byte === 0)) {
    throw new DebuggerError('DUMP_ALL_ZERO', 'the file starts with zeros where a dump header belongs');
  }
  throw new DebuggerError(
    'DUMP_BAD_SIGNATURE',
    'the file is not a Windows kernel dump (it does not start with PAGEDU64 or PAGEDUMP)',
  );
}

function readHeader(view: HeaderView, bits: 32 | 64, machine: Machine): DumpHeader {
  const u32 = (name: string) => view.get(name) as number;
  const optional32 = (name: string) => (u32(name) === filler32 ? undefined : u32(name));
  const parameter = (index: number) => written(view.get('BugCheckParameters', index) as number | bigint);
  return {
    bits,
    size: view.layout.size,
    machine,
    dumpType: u32('DumpType'),
    majorVersion: u32('MajorVersion'),
    build: u32('MinorVersion') & 0xffff,
    processors: optional32('NumberProcessors'),
    directoryTableBase: Number(
      BigInt(view.get('DirectoryTableBase') as number | bigint) & 0xf_ffff_ffff_ffffn,
    ),
    pfnDatabase: address(view, 'PfnDataBase'),
    psLoadedModuleList: address(view, 'PsLoadedModuleList'),
    psActiveProcessHead: address(view, 'PsActiveProcessHead'),
    kdDebuggerDataBlock: address(view, 'KdDebuggerDataBlock'),
    bugCheckCode: optional32('BugCheckCode') ?? 0,
    hasBugCheck: optional32('BugCheckCode') !== undefined,
    bugCheckParameters: [parameter(0), parameter(1), parameter(2), parameter(3)],
    paeEnabled: bits === 32 && u32('PaeEnabled') !== 0x50 ? u32('PaeEnabled') !== 0 : undefined,
    physicalMemoryBlock: unlessFilled(view, 'PhysicalMemoryBlock'),
    contextRecord: unlessFilled(view, 'ContextRecord'),
    exception: unlessFilled(view, 'Exception'),
    systemTime: optional64(view, 'SystemTime'),
    systemUpTime: optional64(view, 'SystemUpTime'),
    requiredDumpSpace: optional64(view, 'RequiredDumpSpace'),
    comment: text(view, 'Comment'),
    versionUser: text(view, 'VersionUser'),
    miniDumpFields: optional32('MiniDumpFields'),
    secondaryDataState: optional32('SecondaryDataState'),
    productType: optional32('ProductType'),
    suiteMask: optional32('SuiteMask'),
    writerStatus: optional32('WriterStatus'),
    attributes: optional32('Attributes'),
    bootId: optional32('BootId'),
  };
}

/** A parameter, or 0 where the writer left it out. */
const written = (value: number | bigint): bigint =>
  value === filler32 || value === filler64 ? 0n : BigInt(value);

function address(view: HeaderView, name: string): Va | undefined {
  const value = view.get(name);
  if (typeof value === 'number') return value === filler32 || value === 0 ? undefined : signExtend32(value);
  return value === filler64 || value === 0n ? undefined : (value as bigint);
}

function optional64(view: HeaderView, name: string): bigint | undefined {
  const value = view.get(name) as bigint;
  return value === filler64 || value === 0n ? undefined : value;
}

/** The field's bytes, copied; undefined when they begin with filler or hold nothing. */
function unlessFilled(view: HeaderView, name: string): Uint8Array | undefined {
  const bytes = (view.get(name) as Uint8Array).slice();
  const filled = [0x50, 0x41, 0x47, 0x45].every((byte, index) => bytes[index] === byte);
  return filled || bytes.every((byte) => byte === 0) ? undefined : bytes;
}

function text(view: HeaderView, name: string): string | undefined {
  const bytes = unlessFilled(view, name);
  if (bytes === undefined) return undefined;
  const value = latin1z(bytes);
  return value !== '' && isPrintable(bytes.subarray(0, value.length)) ? value : undefined;
}
