import { BufferSource, type SymbolFile, type SymbolSource } from '@poolscope/engine';
import { type Machine, pdbFiles, symbolStore } from '@poolscope/lab';

/** What a symbol server would give for a machine of the lab: by identity, and where a dump tells none, the kernel's as a candidate. */
export function labSymbols(machine: Machine): SymbolSource {
  const kernel = pdbFiles(machine).find(({ name }) => name.startsWith('ntkrnl'));
  const files = new Map(symbolStore(machine).map(({ path, bytes }) => [path, new BufferSource(bytes)]));
  const fileAt = (kind: SymbolFile['kind'], path: string): SymbolFile | undefined => {
    const source = files.get(path);
    return source && { kind, location: path, source };
  };
  const hex = (value: number) => value.toString(16).toUpperCase();
  return {
    path: 'lab',
    find({ pdb, image, timestamp = 0, size }, kind) {
      const path =
        kind === 'pdb'
          ? `${pdb?.name}/${pdb?.guid}${hex(pdb?.age ?? 0)}/${pdb?.name}`
          : `${image}/${hex(timestamp).padStart(8, '0')}${size.toString(16)}/${image}`;
      return Promise.resolve(fileAt(kind, path));
    },
    async *candidates({ module }, kind) {
      if (module !== 'nt' || kind !== 'pdb' || kernel === undefined) return;
      yield await Promise.resolve({
        kind,
        location: kernel.name,
        source: new BufferSource(kernel.bytes),
      });
    },
  };
}
