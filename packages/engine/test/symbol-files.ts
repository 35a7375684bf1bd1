import { utf8Bytes } from '../src/base/index.ts';
import type { Machine } from '../src/cpu/index.ts';
import { BufferSource } from '../src/io/index.ts';
import type { SymbolFile, SymbolFileKind, SymbolRequest, SymbolSource } from '../src/symbols/index.ts';

const machineTypes: Readonly<Record<Machine, number>> = { x64: 0x8664, x86: 0x14c, arm64: 0xaa64 };

export interface IsfContent {
  readonly guid?: string;
  readonly age?: number;
  readonly database?: string;
  readonly machine?: Machine;
  readonly symbols?: Readonly<Record<string, number>>;
  readonly types?: Readonly<Record<string, unknown>>;
  readonly enums?: Readonly<Record<string, unknown>>;
}

const baseTypes = {
  char: { endian: 'little', kind: 'char', signed: true, size: 1 },
  'unsigned char': { endian: 'little', kind: 'char', signed: false, size: 1 },
  'unsigned short': { endian: 'little', kind: 'int', signed: false, size: 2 },
  long: { endian: 'little', kind: 'int', signed: true, size: 4 },
  'unsigned long': { endian: 'little', kind: 'int', signed: false, size: 4 },
  'unsigned long long': { endian: 'little', kind: 'int', signed: false, size: 8 },
  double: { endian: 'little', kind: 'float', signed: true, size: 8 },
  pointer: { endian: 'little', kind: 'int', signed: false, size: 8 },
  void: { endian: 'little', kind: 'void', signed: false, size: 0 },
};

/** An ISF file as JSON, its keys sorted as the makers of such files sort them. */
export function isfText({ guid, age = 1, database = 'ntkrnlmp.pdb', machine, ...parts }: IsfContent): string {
  const pdb = {
    GUID: guid ?? '0123456789ABCDEF0123456789ABCDEF',
    age,
    database,
    machine_type: machineTypes[machine ?? 'x64'],
  };
  const symbols = Object.entries(parts.symbols ?? {}).map(([name, address]) => [name, { address }]);
  return JSON.stringify({
    base_types: baseTypes,
    enums: parts.enums ?? {},
    metadata: { format: '6.1.0', producer: { name: 'test' }, windows: { pdb } },
    symbols: Object.fromEntries(symbols),
    user_types: parts.types ?? {},
  });
}

export const isfBytes = (content: IsfContent): Uint8Array => utf8Bytes(isfText(content));

/** A file for a source of symbols. */
export const symbolFile = (kind: SymbolFileKind, location: string, bytes: Uint8Array): SymbolFile => ({
  kind,
  location,
  source: new BufferSource(bytes),
});

/**
 * A source of symbols that answers with what a test gives it, and keeps what it was asked for. `found`: files by
 * `MODULE KIND`; `candidates`: for nt.
 */
export class TestSymbols implements SymbolSource {
  readonly path = 'test';
  readonly asked: { readonly request: SymbolRequest; readonly kind: SymbolFileKind }[] = [];
  readonly #found: Readonly<Record<string, SymbolFile>>;
  readonly #candidates: readonly SymbolFile[];

  constructor(found: Readonly<Record<string, SymbolFile>>, candidates: readonly SymbolFile[] = []) {
    this.#found = found;
    this.#candidates = candidates;
  }

  find(request: SymbolRequest, kind: SymbolFileKind): Promise<SymbolFile | undefined> {
    this.asked.push({ request, kind });
    return Promise.resolve(this.#found[`${request.module} ${kind}`]);
  }

  async *candidates(request: SymbolRequest, kind: SymbolFileKind): AsyncGenerator<SymbolFile> {
    for (const file of this.#candidates)
      if (file.kind === kind && request.module === 'nt') yield await Promise.resolve(file);
  }
}
