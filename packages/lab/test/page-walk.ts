/** Address translation written out from the processor manuals, for checking what the lab writes. */

export type PageReader = (pfn: number) => Uint8Array | undefined;

export interface Walked {
  readonly pa: number;
  readonly entry: bigint;
  /** Rights as the processor combines them over all levels. */
  readonly writable: boolean;
  readonly executable: boolean;
  readonly user: boolean;
}

const bit = (value: bigint, index: number): boolean => ((value >> BigInt(index)) & 1n) === 1n;

function entryAt(page: PageReader, pa: number, size: 4 | 8): bigint {
  const bytes = page(Math.floor(pa / 4096));
  if (bytes === undefined) return 0n;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return size === 8 ? view.getBigUint64(pa % 4096, true) : BigInt(view.getUint32(pa % 4096, true));
}

const frame = (entry: bigint): number => Number(entry & 0x000f_ffff_ffff_f000n);

/** Four or five levels; undefined where an entry is not valid. */
export function walkX64(page: PageReader, cr3: number, va: bigint, levels: 4 | 5 = 4): Walked | undefined {
  let table = cr3;
  const rights = { writable: true, executable: true, user: true };
  for (let level: number = levels; level >= 1; level--) {
    const shift = 12 + 9 * (level - 1);
    const entry = entryAt(page, table + Number((va >> BigInt(shift)) & 511n) * 8, 8);
    if (!bit(entry, 0)) return undefined;
    rights.writable &&= bit(entry, 1);
    rights.user &&= bit(entry, 2);
    rights.executable &&= !bit(entry, 63);
    if (level === 1 || (level <= 3 && bit(entry, 7))) {
      const size = 2 ** shift;
      return { pa: frame(entry) + Number(va & BigInt(size - 1)), entry, ...rights };
    }
    table = frame(entry);
  }
  return undefined;
}

export function walkPae(page: PageReader, cr3: number, va: bigint): Walked | undefined {
  const linear = Number(va & 0xffff_ffffn);
  const top = entryAt(page, cr3 + (linear >>> 30) * 8, 8);
  // In a root entry of PAE the bits 1, 2 and 5 to 8 must be zero.
  if (!bit(top, 0) || (top & 0x1e6n) !== 0n) return undefined;
  const pde = entryAt(page, frame(top) + ((linear >>> 21) & 511) * 8, 8);
  if (!bit(pde, 0)) return undefined;
  const rights = { writable: bit(pde, 1), user: bit(pde, 2), executable: !bit(pde, 63) };
  if (bit(pde, 7)) return { pa: frame(pde) + (linear & 0x1f_ffff), entry: pde, ...rights };
  const pte = entryAt(page, frame(pde) + ((linear >>> 12) & 511) * 8, 8);
  if (!bit(pte, 0)) return undefined;
  return {
    pa: frame(pte) + (linear & 0xfff),
    entry: pte,
    writable: rights.writable && bit(pte, 1),
    user: rights.user && bit(pte, 2),
    executable: rights.executable && !bit(pte, 63),
  };
}

export function walkX86(page: PageReader, cr3: number, va: bigint): Walked | undefined {
  const linear = Number(va & 0xffff_ffffn);
  const pde = entryAt(page, cr3 + (linear >>> 22) * 4, 4);
  if (!bit(pde, 0)) return undefined;
  const rights = { writable: bit(pde, 1), user: bit(pde, 2), executable: true };
  if (bit(pde, 7)) return { pa: Number(pde & 0xffc0_0000n) + (linear & 0x3f_ffff), entry: pde, ...rights };
  const pte = entryAt(page, Number(pde & 0xffff_f000n) + ((linear >>> 12) & 1023) * 4, 4);
  if (!bit(pte, 0)) return undefined;
  return {
    pa: Number(pte & 0xffff_f000n) + (linear & 0xfff),
    entry: pte,
    writable: rights.writable && bit(pte, 1),
    user: rights.user && bit(pte, 2),
    executable: true,
  };
}

/** 4 KB granule, four levels, kernel rights. */
export function walkArm64(page: PageReader, ttbr: number, va: bigint): Walked | undefined {
  let table = ttbr;
  for (const shift of [39, 30, 21, 12]) {
    const entry = entryAt(page, table + Number((va >> BigInt(shift)) & 511n) * 8, 8);
    if (!bit(entry, 0)) return undefined;
    const isTable = bit(entry, 1);
    if (shift === 12 ? !isTable : shift === 39 && !isTable) return undefined;
    const base = Number(entry & 0x0000_ffff_ffff_f000n);
    if (shift === 12 || !isTable) {
      const user = bit(entry, 6);
      const executable = !bit(entry, user ? 54 : 53);
      return {
        pa: base + Number(va & BigInt(2 ** shift - 1)),
        entry,
        writable: !bit(entry, 7),
        user,
        executable,
      };
    }
    table = base;
  }
  return undefined;
}
