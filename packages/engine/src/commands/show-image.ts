import { DebuggerError } from '../base/index.ts';
import { type ImageTables, imageTables } from '../code/index.ts';
import { type CodeViewRecord, type DebugEntry, type ImageHeaders, ImageProblem } from '../pe/index.ts';
import type { Module } from '../windows/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { findModule } from './find-module.ts';
import { debugTypes } from './image-names.ts';
import { type Line, plain, span } from './output.ts';
import { timeStampWords } from './time-stamp.ts';

export const showImage: Command = {
  names: ['!lmi'],
  usage: 'MODULE | ADDR',
  summary: 'show what the headers of a loaded image say',
  group: 'modules',
  examples: ['!lmi nt', '!lmi @$ip'],
  run(console, args) {
    if (args === '') throw usageError(showImage, 'a module is missing');
    const module = findModule(console, args);
    const tables = imageTables(console.system, module.base)!;
    return {
      data: tables,
      lines: [...plain(`Loaded Module Info: [${args}]`), ...imageLines(console, tables)],
      call: imageTablesCall(module),
    };
  },
};

export const imageTablesCall = ({ base }: Module): string =>
  `engine.imageTables(session.system, ${bigHex(base)})`;

/** Headers of an image, or the error that says why they are not known. */
export function requireHeaders({ module, headers }: ImageTables): ImageHeaders {
  if (!(headers instanceof ImageProblem)) return headers;
  const code = headers.kind === 'absent' ? 'MEMORY_UNREADABLE' : 'NO_SUCH_RECORD';
  throw new DebuggerError(code, `the headers of ${module.name} are not known: ${headers.reason}`);
}

const processors: Readonly<Record<number, string>> = { 0x14c: 'I386', 0x8664: 'X64', 0xaa64: 'ARM64' };

/** Debug information was taken out of the image. */
const debugStripped = 0x0200;

function imageLines(console: Console, tables: ImageTables): Line[] {
  const { module } = tables;
  const headers = requireHeaders(tables);
  const { machine, timeDateStamp: stamp, characteristics } = headers;
  return [
    ...plain(
      field('Module', module.name),
      field('Base Address', console.system.plainText(module.base)),
      field('Image Name', module.image),
      field('Machine Type', `${machine} (${processors[machine] ?? 'not known'})`),
      field('Time Stamp', `${hex(stamp)} ${timeStampWords(stamp, tables.timestampIsHash)}`),
      field('Size', hex(headers.sizeOfImage)),
      field('CheckSum', hex(headers.checkSum)),
      field(
        'Characteristics',
        hex(characteristics) + ((characteristics & debugStripped) === 0 ? '' : ' stripped'),
      ),
    ),
    ...debugLines(tables),
    ...plain(field('Image Type', 'MEMORY   - read from the memory of the dump')),
    ...symbolLines(console, tables),
  ];
}

const hex = (value: number): string => value.toString(16);
const labelWidth = 15;
const field = (label: string, value: string): string => `${label.padStart(labelWidth)}: ${value}`;

function debugLines({ debug }: ImageTables): Line[] {
  const heading = field('Debug Data Dirs', 'Type  Size     VA  Pointer');
  if (debug instanceof ImageProblem)
    return [[field('Debug Data Dirs', 'not known '), dim(`(${debug.reason})`)]];
  const named = debug.entries.find(({ type }) => type === 2);
  return [
    ...plain(heading),
    ...debug.entries.flatMap((entry) => entryLines(entry, entry === named ? debug.codeView : undefined)),
    ...(debug.partial ? [[' '.repeat(labelWidth + 2), dim('(some of it is not in the dump)')]] : []),
  ];
}

const dim = (text: string) => span(text, 'dim');
const typeWidth = 21;

function entryLines(
  { type, size, rva, fileOffset }: DebugEntry,
  codeView: CodeViewRecord | undefined,
): Line[] {
  const name = (debugTypes[type] ?? '??').padStart(typeWidth);
  const place = `${name} ${hex(size).padStart(5)}, ${hex(rva).padStart(5)}, ${hex(fileOffset).padStart(7)}`;
  if (codeView !== undefined)
    return plain(
      `${place} ${codeView.format} - GUID: {${dashed(codeView)}}`,
      `${' '.repeat(labelWidth)}Age: ${codeView.age}, Pdb: ${codeView.pdbPath}`,
    );
  if (type === 16) return plain(`${place} Reproducible build`);
  return plain(rva === 0 ? `${place} [Data not mapped]` : place);
}

/** The GUID in its usual form; the time stamp of an NB10 record as it is. */
function dashed({ format, guid }: CodeViewRecord): string {
  return format === 'NB10' ? guid : guid.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function symbolLines({ system }: Console, { module }: ImageTables): Line[] {
  if (system.symbols.kindOf(module.base) === 'none')
    return plain(
      field('Symbol Type', 'NONE     - no PDB, and no exports in the dump'),
      field('Load Report', 'no symbols'),
    );
  return plain(
    field('Symbol Type', 'EXPORT   - no PDB: names come from the export table'),
    field('Load Report', 'export symbols'),
  );
}
