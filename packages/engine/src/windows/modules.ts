import { pageSize, readU16, readU32, type Va } from '../base/index.ts';
import {
  type Fields,
  KLDR_DATA_TABLE_ENTRY32,
  KLDR_DATA_TABLE_ENTRY64,
  type Layout,
  StructView,
} from '../layouts/index.ts';
import type { DebuggerData } from './debugger-data.ts';
import { imageOwnName } from './image-own-name.ts';
import type { Target } from './target.ts';

/** A kernel image that was loaded at the time of the crash. */
export interface Module {
  /** The debugger's name: `nt`, or the file name without its extension. Unique. */
  readonly name: string;
  /** File name; the module's own name where the dump has none. */
  readonly image: string;
  /** Path as the dump gives it; triage dumps may hold the file name only. */
  readonly path: string;
  readonly base: Va;
  readonly size: number;
  readonly checkSum: number | undefined;
  /** PE time stamp: seconds since 1970, or a hash in reproducible builds. */
  readonly timeDateStamp: number | undefined;
  readonly from: 'triage driver list' | 'PsLoadedModuleList';
}

const maxModules = 16_384;

/** Loaded modules in the order of the list; nt comes first. Damage ends the list with a warning. */
export function readModules(target: Target, data?: DebuggerData): Module[] {
  const { triage } = target.dump;
  const entries =
    triage === undefined
      ? [...walkLoaderList(target, data)]
      : triage.drivers.map((driver) => ({
          shortName: undefined,
          path: driver.name,
          base: driver.base,
          size: driver.size,
          checkSum: driver.checkSum,
          timeDateStamp: driver.timeDateStamp as number | undefined,
        }));
  const from = triage === undefined ? 'PsLoadedModuleList' : 'triage driver list';
  const names = new Set<string>();
  const base = data?.address('KernBase');
  return entries.map(({ shortName, ...entry }, index) => {
    const image = fileName(entry.path);
    const isNt =
      base === undefined ? index === 0 && (isKernel(image) || holdsList(target, entry)) : entry.base === base;
    const name = isNt ? 'nt' : isHal(shortName ?? image) ? 'hal' : moduleName(image);
    const unique = uniqueName(name, entry.base, names);
    return { name: unique, image: image === '' ? unique : image, ...entry, from };
  });
}

/** The head of the list is a variable of the kernel. */
function holdsList({ dump }: Target, { base, size }: Entry): boolean {
  const head = dump.header.psLoadedModuleList;
  return head !== undefined && head >= base && head < base + BigInt(size);
}

interface Entry {
  /** BaseDllName: what other images link to; the file may be called otherwise. */
  readonly shortName?: string | undefined;
  readonly path: string;
  readonly base: Va;
  readonly size: number;
  readonly checkSum: number | undefined;
  readonly timeDateStamp: number | undefined;
}

function* walkLoaderList(target: Target, data: DebuggerData | undefined): Generator<Entry> {
  const head = target.dump.header.psLoadedModuleList ?? data?.address('PsLoadedModuleList');
  if (head === undefined || target.dump.format === 'header') return;
  const of: Layout<Fields> = target.pointerSize === 8 ? KLDR_DATA_TABLE_ENTRY64 : KLDR_DATA_TABLE_ENTRY32;
  const seen = new Set<Va>([head]);
  let before = head;
  let at = target.readPointer(head);
  if (at === undefined)
    target.warnings.add(
      'module-list',
      `the list of loaded modules cannot be read: ${target.whyUnreadable(head) ?? 'its head is damaged'}`,
      head,
    );
  while (at !== undefined && at !== head) {
    if (seen.has(at) || seen.size > maxModules) {
      target.warnings.add('module-list', 'the list of loaded modules runs in a circle; it is cut there', at);
      return;
    }
    seen.add(at);
    const bytes = target.readBytes(at, of.size);
    if (bytes === undefined) {
      target.warnings.add(
        'module-list',
        `the list of loaded modules is cut: ${target.whyUnreadable(at) ?? 'an entry reaches into missing memory'}`,
        at,
      );
      return;
    }
    if (target.pointerIn(bytes, target.pointerSize) !== before) {
      target.warnings.add(
        'module-links',
        'an entry of the list of loaded modules does not point back to the one before it',
        at,
      );
    }
    before = at;
    const entry = readEntry(target, new StructView(of, bytes), at);
    if (entry !== undefined) yield entry;
    at = target.pointerIn(bytes, 0);
  }
}

function readEntry(target: Target, view: StructView<Fields>, at: Va): Entry | undefined {
  const pointer = (name: string): Va => target.pointerIn(view.bytes, view.layout.fields[name]!.offset) ?? 0n;
  const base = pointer('DllBase');
  const size = view.get('SizeOfImage') as number;
  if (base === 0n || base % BigInt(pageSize) !== 0n || size === 0) {
    target.warnings.add(
      'module-entry',
      'an entry of the list of loaded modules has no plausible base or size; it is left out',
      at,
    );
    return undefined;
  }
  const text = (name: 'FullDllName' | 'BaseDllName') => {
    const { offset } = view.layout.fields[`${name}Length`]!;
    const [length, room] = [readU16(view.bytes, offset), readU16(view.bytes, offset + 2)];
    return length > room ? undefined : target.readUtf16(pointer(`${name}Buffer`), length);
  };
  const full = text('FullDllName');
  const short = text('BaseDllName');
  const own = full === undefined && short === undefined ? imageOwnName(target, base, size) : undefined;
  if (full === undefined && short === undefined) target.warnings.add('module-name', namelessText(own), at);
  return {
    shortName: short,
    path: full ?? short ?? own ?? '',
    base,
    size,
    checkSum: view.get('CheckSum') as number,
    timeDateStamp: peTimeStamp(target, base) ?? loaderTimeStamp(target, at),
  };
}

const namelessText = (own: string | undefined): string =>
  `the name of a loaded module cannot be read; ${own === undefined ? 'it is called unknown' : 'the one in its image stands for it'}`;

/** KLDR_DATA_TABLE_ENTRY.TimeDateStamp, whose place is known since build 17763 (x64). Source: PDB types 17763, 19041. */
function loaderTimeStamp(target: Target, entry: Va): number | undefined {
  const isKnown = target.machine === 'x64' && target.dump.header.build >= 17763;
  return isKnown ? target.readU32(entry + 0x9cn) : undefined;
}

/** TimeDateStamp of the image header in memory. */
function peTimeStamp(target: Target, base: Va): number | undefined {
  const header = target.readBytes(base, 0x40);
  if (header === undefined || header[0] !== 0x4d || header[1] !== 0x5a) return undefined;
  const at = readU32(header, 0x3c);
  const pe = at > 0x1000 ? undefined : target.readBytes(base + BigInt(at), 12);
  return pe !== undefined && readU32(pe, 0) === 0x4550 ? readU32(pe, 8) : undefined;
}

export const fileName = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1);

/** The HAL is loaded under this name, whatever its file is called. */
const isHal = (image: string): boolean => /^hal(macpi|aacpi|acpi|apic|mps|sp)?\.dll$/i.test(image);

const isKernel = (image: string): boolean =>
  /^nt(oskrnl|krnl(mp|pa|pamp)?|kr(pamp|mp|la57))\.exe$/i.test(image);

/** File name without extension; characters that a symbol name cannot hold become `_`, as in the debugger. */
const moduleName = (image: string): string => {
  const stem = image.replace(/\.[^.]*$/, '');
  return stem === '' ? 'unknown' : stem.replace(/[^\w$@?]/g, '_');
};

/** The second module of a name gets its base appended, as in the debugger. */
function uniqueName(name: string, base: Va, taken: Set<string>): string {
  const key = (text: string) => text.toLowerCase();
  const unique = taken.has(key(name)) ? `${name}_${base.toString(16)}` : name;
  taken.add(key(unique));
  return unique;
}
