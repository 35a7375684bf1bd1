import { BufferSource, type HostSymbols, type SymbolFile, type SymbolSource } from '@poolscope/engine';
import { isfBytes } from '../../packages/engine/test/symbol-files.ts';
import { articleModules, programDatabases } from './article-symbols.ts';
import { type DumpName, machineOf } from './dumps.ts';

const base = (name: string) => ({ kind: 'base', name });
const pointer = (to: object) => ({ kind: 'pointer', subtype: to });
const listEntry = { kind: 'struct', name: '_LIST_ENTRY' };

/** Structures of a made-up kernel; those of Windows come from the built-in profiles. */
const types = {
  _LIST_ENTRY: {
    kind: 'struct',
    size: 16,
    fields: { Flink: { offset: 0, type: pointer(listEntry) }, Blink: { offset: 8, type: pointer(listEntry) } },
  },
  _SAMPLE: {
    kind: 'struct',
    size: 0x40,
    fields: {
      Signature: { offset: 0, type: { kind: 'array', count: 2, subtype: base('unsigned char') } },
      Low: { offset: 2, type: { kind: 'bitfield', bit_position: 0, bit_length: 3, type: base('unsigned short') } },
      High: { offset: 2, type: { kind: 'bitfield', bit_position: 3, bit_length: 13, type: base('unsigned short') } },
      Count: { offset: 4, type: base('long') },
      Links: { offset: 8, type: listEntry },
      u: { offset: 0x18, type: { kind: 'union', name: '__unnamed_1' } },
      Next: { offset: 0x20, type: pointer({ kind: 'struct', name: '_SAMPLE' }) },
      Words: { offset: 0x28, type: { kind: 'array', count: 4, subtype: base('unsigned short') } },
    },
  },
  _JOB: {
    kind: 'struct',
    size: 0x40,
    fields: {
      Routine: { offset: 0, type: pointer({ kind: 'function' }) },
      Kind: { offset: 8, type: { kind: 'enum', name: '_JOB_KIND' } },
      Kinds: { offset: 8, type: { kind: 'array', count: 2, subtype: { kind: 'enum', name: '_JOB_KIND' } } },
      Lists: { offset: 0x10, type: { kind: 'array', count: 2, subtype: listEntry } },
      Steps: { offset: 0x30, type: { kind: 'array', count: 2, subtype: pointer({ kind: 'function' }) } },
    },
  },
  _MAGIC: {
    kind: 'struct',
    size: 8,
    fields: {
      Magic: { offset: 0, type: { kind: 'enum', name: '_MAGIC_KIND' } },
      Next: { offset: 2, type: { kind: 'enum', name: '_MAGIC_KIND' } },
      Low: { offset: 0, type: { kind: 'bitfield', bit_position: 0, bit_length: 3, type: { kind: 'enum', name: '_MAGIC_KIND' } } },
      Bare: { offset: 4, type: { kind: 'enum', name: '_BARE_KIND' } },
    },
  },
  __unnamed_1: {
    kind: 'union',
    size: 8,
    fields: { Whole: { offset: 0, type: base('unsigned long long') }, Part: { offset: 0, type: base('unsigned long') } },
  },
};

const enums = {
  _JOB_KIND: { base: 'long', size: 4, constants: { JobIdle: 0, JobRunning: 1, JobLast: 0x200 } },
  _MAGIC_KIND: { base: 'unsigned short', size: 2, constants: { MagicOfImages: 0x5a4d } },
  // Only its size is known.
  _BARE_KIND: { base: 'long', size: 4 },
};

/** ISF files for a made-up dump: one of another kernel, then that of its own. */
export function isfFilesFor(dump: DumpName): { readonly name: string; readonly bytes: Uint8Array }[] {
  const { truth } = machineOf(dump);
  const nt = truth.modules.find(({ module }) => module === 'nt')!;
  const places = [...nt.symbols].map(([name, va]) => [name, Number(va - nt.base)] as const);
  const symbols = {
    ...Object.fromEntries(places),
    InternalHelper: Number(nt.symbols.get('KeBugCheckEx')! - nt.base) + 4,
  };
  const { guid, age, name: database } = nt.pdb;
  const own = { guid: guid.replaceAll('-', '').toUpperCase(), age, database, symbols, types, enums };
  return [
    { name: 'other.json', bytes: isfBytes({ symbols: { ...symbols, PsLoadedModuleList: 0x10 }, types, enums }) },
    { name: 'ntkrnlmp.json', bytes: isfBytes(own) },
  ];
}

/** Program databases, or those ISF files as candidates for the kernel. */
export function symbolsFor(dump: DumpName): SymbolSource {
  const own = articleModules[dump];
  if (own !== undefined) return programDatabases(machineOf(dump), own);
  const files = isfFilesFor(dump).map(({ name, bytes }) => isf(name, bytes));
  return {
    path: 'symbols',
    find: ({ module }, kind) =>
      Promise.resolve(module === 'nt' && kind === 'isf' ? files[1] : undefined),
    async *candidates({ module }, kind) {
      if (module !== 'nt' || kind !== 'isf') return;
      for (const file of files) yield await Promise.resolve(file);
    },
  };
}

/** The same in a folder `symbols`, for consoles that set their path. */
export function symbolFolder(dump: DumpName): HostSymbols {
  let elements: readonly string[] = [];
  const isHere = (element: string) => !element.includes(':\\');
  return {
    get path() {
      return elements.join(';');
    },
    change(path, how) {
      const all = path.split(';');
      elements = [...(how === 'append' ? elements : []), ...all.filter(isHere)];
      return all.filter((each) => !isHere(each)).map((each) => `'${each}' is a path of Windows`);
    },
    open() {
      const path = elements.join(';');
      const source = elements.includes('symbols') ? symbolsFor(dump) : { find: () => Promise.resolve(undefined) };
      return elements.length === 0 ? undefined : { source: { ...source, path }, close: () => undefined };
    },
  };
}

const isf = (location: string, bytes: Uint8Array): SymbolFile => ({
  kind: 'isf',
  location,
  source: new BufferSource(bytes),
});
