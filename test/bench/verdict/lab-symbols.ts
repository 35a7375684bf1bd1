import { BufferSource, type SymbolFile, type SymbolSource } from '@poolscope/engine';
import { type Machine, type PdbFile, pdbFiles, storedImage, storedPath } from '@poolscope/lab';

/** What a symbol server would give for a machine of the lab: by identity, and where a dump tells none, the kernel's as a candidate. */
export function labSymbols(machine: Machine): SymbolSource {
  const files = pdbFiles(machine);
  const kernel = files.find(({ name }) => name.startsWith('ntkrnl'));
  const databases = new Map(files.map((file) => [storedPath(file), file]));
  const hex = (value: number) => value.toString(16).toUpperCase();
  const imageAt = (path: string): SymbolFile | undefined => {
    const { images } = machine;
    const stored = images.list.map(({ image }) => storedImage(image)).find((each) => each.path === path);
    return stored && { kind: 'image', location: path, source: new BufferSource(stored.bytes) };
  };
  return {
    path: 'lab',
    find({ pdb, image, timestamp = 0, size }, kind) {
      if (kind === 'image')
        return Promise.resolve(
          imageAt(`${image}/${hex(timestamp).padStart(8, '0')}${size.toString(16)}/${image}`),
        );
      const file = databases.get(`${pdb?.name}/${pdb?.guid}${hex(pdb?.age ?? 0)}/${pdb?.name}`);
      return Promise.resolve(kind === 'pdb' && file !== undefined ? databaseOf(file) : undefined);
    },
    async *candidates({ module }, kind) {
      if (module !== 'nt' || kind !== 'pdb' || kernel === undefined) return;
      yield await Promise.resolve({ ...databaseOf(kernel), location: kernel.name });
    },
  };
}

/** Written once for all machines that have the image: a GUID follows from what is in it. */
const written = new Map<string, BufferSource>();
const mostWritten = 64;

function databaseOf(file: PdbFile): SymbolFile {
  const path = storedPath(file);
  const source = written.get(path) ?? new BufferSource(file.bytes);
  if (!written.has(path) && written.size >= mostWritten) written.delete(written.keys().next().value!);
  written.set(path, source);
  return { kind: 'pdb', location: path, source };
}
