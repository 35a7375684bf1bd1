export { type CabinetOptions, isCabinet, type UnpackedFile, unpackCabinet } from './cabinet.ts';
export { type DumpSink, MemorySink } from './dump-sink.ts';
export { type ArchiveKind, detectArchive } from './signature.ts';
export { type UnpackedDump, unpackDump, unpackDumps } from './unpack.ts';
export type { UnpackOptions } from './unpack-options.ts';
export { unpackSmall } from './unpack-small.ts';
