/**
 * Machines of the lab with more modules than their own: plain JavaScript, for tests and benchmarks alike.
 * `lab` is the package, from wherever the caller takes it.
 */

/**
 * @typedef {object} ExtraModule
 * @property {string} name file name
 * @property {bigint} base
 * @property {Uint8Array} bytes the image as it is in memory
 * @property {number} [timeDateStamp]
 * @property {number} [checkSum]
 */

const pageSize = 0x1000;

/**
 * A machine whose list of loaded modules goes on with these.
 * @param {typeof import('@poolscope/lab')} lab
 * @param {import('@poolscope/lab').MachineOptions} options
 * @param {readonly ExtraModule[]} modules
 */
export function machineWithModules(lab, options, modules) {
  // The same machine is made twice: what it had before is at the same place.
  const { images } = lab.buildMachine(options);
  const head = images.address('nt!PsLoadedModuleList');
  const entries = images.list.map(({ loaderEntry }) => loaderEntry);
  return lab.buildMachine({
    ...options,
    prepare(kernel, site) {
      const more = modules.map((module) => addModule(kernel, module));
      kernel.linkList(head, [...entries, ...more]);
      options.prepare?.(kernel, site);
    },
  });
}

/**
 * Maps an image and makes its loader entry.
 * @param {import('@poolscope/lab').KernelWorld} kernel
 * @param {ExtraModule} module
 */
function addModule(kernel, { name, base, bytes, timeDateStamp = 0, checkSum = 0 }) {
  const size = Math.ceil(bytes.length / pageSize) * pageSize;
  kernel.space.allocate(base, size, { executable: true });
  kernel.space.write(base, bytes);
  // Old kernels have no TimeDateStamp there; these machines are of newer ones.
  const structure = /** @type {Parameters<typeof kernel.create<string>>[0]} */ (kernel.profile.loaderEntry);
  const entry = kernel.create(structure);
  entry.setAll({ DllBase: base, SizeOfImage: size, CheckSum: checkSum, TimeDateStamp: timeDateStamp });
  kernel.writeUnicodeString(
    entry.at('FullDllName'),
    `\\SystemRoot\\System32\\drivers\\${name}`,
    kernel.pagedPool,
  );
  kernel.writeUnicodeString(entry.at('BaseDllName'), name);
  return entry.va;
}

/**
 * An image file as the loader maps it at `base`: sections at their addresses, base relocations applied. Written from the
 * PE format alone, so that it knows nothing that the engine knows.
 * @param {Uint8Array} file
 * @param {bigint} base
 */
export function loadImage(file, base) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const pe = view.getUint32(0x3c, true);
  const optional = pe + 24;
  const wide = view.getUint16(optional, true) === 0x20b;
  const memory = new Uint8Array(view.getUint32(optional + 56, true));
  memory.set(file.subarray(0, view.getUint32(optional + 60, true)));
  const sections = optional + view.getUint16(pe + 20, true);
  for (let index = 0; index < view.getUint16(pe + 6, true); index++) {
    const at = sections + index * 40;
    const [size, rva, rawSize, raw] = [8, 12, 16, 20].map((offset) => view.getUint32(at + offset, true));
    memory.set(file.subarray(raw, raw + Math.min(rawSize, size)), rva);
  }
  const preferred = wide
    ? view.getBigUint64(optional + 24, true)
    : BigInt(view.getUint32(optional + 28, true));
  const directory = optional + (wide ? 112 : 96) + 5 * 8;
  const [start, length] = [view.getUint32(directory, true), view.getUint32(directory + 4, true)];
  relocate(memory, start, start + length, base - preferred);
  return memory;
}

/**
 * @param {Uint8Array} memory
 * @param {number} start
 * @param {number} end
 * @param {bigint} distance
 */
function relocate(memory, start, end, distance) {
  const view = new DataView(memory.buffer);
  for (let at = start; at < end; at += view.getUint32(at + 4, true)) {
    const page = view.getUint32(at, true);
    for (let entry = at + 8; entry < at + view.getUint32(at + 4, true); entry += 2) {
      const word = view.getUint16(entry, true);
      const place = page + (word & 0xfff);
      if (word >> 12 === 10) view.setBigUint64(place, view.getBigUint64(place, true) + distance, true);
      if (word >> 12 === 3)
        view.setUint32(
          place,
          Number(BigInt.asUintN(32, BigInt(view.getUint32(place, true)) + distance)),
          true,
        );
    }
  }
}
