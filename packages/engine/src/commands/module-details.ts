import { type ImageTables, imageTables, type ListedModule } from '../code/index.ts';
import { ImageProblem, type VersionInfo } from '../pe/index.ts';
import type { Console } from './console.ts';
import { hex8 } from './module-rows.ts';
import { type Line, plain, span } from './output.ts';
import { timeStampText } from './time-stamp.ts';

/** The block of `lmv` under a module's line. */
export function verboseLines({ system }: Console, module: ListedModule): Line[] {
  const tables = imageTables(system, module.base);
  return [
    ...(module.symbols === 'none' ? [] : plain(`    Loaded symbol image file: ${module.image}`)),
    ...plain(`    Image path: ${module.path}`, `    Image name: ${module.image}`),
    ...fields([
      ['Timestamp', timeStampText(module.timeDateStamp, tables?.timestampIsHash)],
      ['CheckSum', hex8(module.checkSum)],
      ['ImageSize', hex8(module.size)],
    ]),
    ...(tables === undefined ? [] : versionLines(tables.version)),
    ...(tables === undefined ? [] : pdbLine(tables)),
    [span(`    Known from:       ${module.from}`, 'dim')],
  ];
}

/** `    CheckSum:         0000E766`; those without a value are left out. */
const fields = (entries: readonly (readonly [label: string, value: string | undefined])[]): Line[] =>
  plain(
    ...entries
      .filter(([, value]) => value !== undefined)
      .map(([label, value]) => `    ${`${label}:`.padEnd(17)} ${value}`),
  );

function versionLines(version: VersionInfo | ImageProblem): Line[] {
  if (version instanceof ImageProblem) {
    const why = version.kind === 'no-directory' ? 'none in this image' : `not known (${version.reason})`;
    return [[span(`    Version:          ${why}`, 'dim')]];
  }
  const { fileFlags, fileFlagsMask, fileOS, fileType, fileSubtype, fileDate } = version;
  const lines = fields([
    ['File version', version.fileVersion],
    ['Product version', version.productVersion],
    ['File flags', fileFlags === undefined ? undefined : flagsText(fileFlags, fileFlagsMask ?? 0)],
    ['File OS', fileOS === undefined ? undefined : `${hex(fileOS)} ${systemText(fileOS)}`.trimEnd()],
    ['File type', fileType === undefined ? undefined : typeText(fileType, fileSubtype ?? 0)],
    ['File date', fileDate?.map(hex8).join('.')],
    ['Translations', version.translations.length === 0 ? undefined : version.translations.join(' ')],
  ]);
  if (version.strings.size === 0) return lines;
  return [...lines, ...plain('    Information from resource tables:'), ...stringLines(version)];
}

/** The strings that the debugger shows, in its order. */
const shownStrings = [
  'CompanyName',
  'ProductName',
  'InternalName',
  'OriginalFilename',
  'ProductVersion',
  'FileVersion',
  'PrivateBuild',
  'SpecialBuild',
  'FileDescription',
  'LegalCopyright',
  'LegalTrademarks',
  'Comments',
];

const stringLines = ({ strings }: VersionInfo): Line[] =>
  plain(
    ...shownStrings
      .filter((name) => (strings.get(name) ?? '') !== '')
      .map((name) => `        ${`${name}:`.padEnd(17)} ${strings.get(name)!}`),
  );

const hex = (value: number): string => value.toString(16).toUpperCase();

/** VS_FF_*. */
const flagNames: readonly (readonly [bit: number, name: string])[] = [
  [1, 'Debug'],
  [2, 'Pre-release'],
  [4, 'Patched'],
  [8, 'Private'],
  [0x10, 'Info inferred'],
  [0x20, 'Special'],
];

function flagsText(flags: number, mask: number): string {
  const names = flagNames.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  return [`${hex(flags)} (Mask ${hex(mask)})`, ...names].join(' ');
}

/** VOS_*: the system in the high word, the windowing in the low one. */
const systems: Readonly<Record<number, string>> = { 0: 'Unknown', 1: 'DOS', 4: 'NT' };
const windowings: Readonly<Record<number, string>> = { 0: 'Base', 1: 'Win16', 4: 'Win32' };

function systemText(fileOS: number): string {
  return `${systems[fileOS >>> 16] ?? ''} ${windowings[fileOS & 0xffff] ?? ''}`.trim();
}

/** VFT_*; behind the point is the subtype. */
const types: Readonly<Record<number, string>> = {
  1: 'App',
  2: 'Dll',
  3: 'Driver',
  4: 'Font',
  5: 'VXD',
  7: 'Static lib',
};

const typeText = (type: number, subtype: number): string =>
  `${hex(type)}.${hex(subtype)} ${types[type] ?? 'Unknown'}`;

/** Which PDB belongs to the image: ours, the debugger has it in `!lmi`. */
function pdbLine({ debug }: ImageTables): Line[] {
  const record = debug instanceof ImageProblem ? undefined : debug.codeView;
  if (record === undefined) return [];
  return [[span(`    PDB:              ${record.pdbName} ${record.guid}, age ${record.age}`, 'dim')]];
}
