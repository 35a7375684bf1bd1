/**
 * Extreme values for words of structures. An input is bytes: which dump, which commands, and four bytes for each change:
 * group, place (two bytes), value.
 *
 * @typedef {import('./pool-places.mjs').Place} Place
 * @typedef {object} Ground
 * @property {Uint8Array} dump
 * @property {4 | 8} word
 * @property {readonly (readonly Place[])[]} groups none of them empty
 */

export const changeSize = 5;

const user = 0x0000_7ff0_1234_5678n;
const unmapped = 0xffff_fa81_2345_6000n;

/**
 * Values by number: the word's own place, where others are, and an argument.
 * @type {readonly ((own: Place, other: Place, argument: number, old: bigint, ground: Ground) => bigint)[]}
 */
const values = [
  () => 0n,
  () => -1n,
  ({ va }) => va,
  ({ va }, _other, _argument, _old, { word }) => va - BigInt(word),
  ({ va }) => va + 0x10n,
  ({ va }) => va & ~0xfffn,
  (_own, { va }) => va,
  (_own, { va }, argument) => va + BigInt(argument),
  () => user,
  () => 0x7fff_ffff_ffff_ffffn,
  () => 0x8000_0000_0000_0000n,
  () => 0x00ff_ffff_ffff_f000n,
  () => unmapped,
  () => 0xffff_ffff_ffff_ffe0n,
  () => 0x7fff_ffffn,
  () => 0xffff_ffffn,
  () => 0x8000_0000n,
  () => 0x1_0000_0000n,
  () => 0x0010_0000n,
  (_own, _other, argument) => BigInt(argument),
  (_own, _other, argument) => BigInt(argument) << 16n,
  (_own, _other, argument, old) => old ^ (1n << BigInt(argument & 63)),
  (_own, _other, argument, old) => old + BigInt(argument) - 0x80n,
  (_own, other, _argument, _old, ground) => wordAt(ground, other.offset),
  (_own, _other, _argument, old) => (old & 0xffff_ffffn) | 0xffff_8000_0000_0000n,
  (_own, _other, _argument, old) => old | 0xffff_0000_0000n,
  (_own, _other, argument) => entryOf(BigInt(argument)),
  (_own, _other, argument, old) => (old & ~0xfffn) | BigInt(argument) | 0x63n,
  (_own, _other, _argument, old) => (old & ~0xfffn) | 0xe3n,
  (_own, _other, _argument, old) => old & ~1n,
  (_own, _other, _argument, old) => (old & ~0x401n) | 0x800n,
  () => 0x2020_2020_2020_2020n,
  () => 0x0000_0001_0000_0001n,
];

/** A valid entry of a page. @param {bigint} pfn */
const entryOf = (pfn) => (pfn << 12n) | 0x863n;

/** Values with this bit are written to the end of the page, or at most so many times. */
const fills = 0x80;
const mostFilled = 512;

/**
 * Writes changes into a dump; gives what puts everything back, and the places.
 * @param {Ground} ground
 * @param {Uint8Array} bytes changes one after the other
 */
export function applyChanges(ground, bytes) {
  /** @type {{ at: number, old: Uint8Array }[]} */
  const undo = [];
  /** @type {Place[]} */
  const places = [];
  for (let at = 0; at + changeSize <= bytes.length; at += changeSize) {
    const [group = 0, low = 0, high = 0, value = 0, argument = 0] = bytes.subarray(at, at + changeSize);
    const list = ground.groups[group % ground.groups.length] ?? [];
    const index = low + high * 256;
    const own = pick(list, index);
    const other = pick(list, index + 1 + argument * 7);
    const choose = values[(value & ~fills) % values.length];
    if (own === undefined || other === undefined || choose === undefined) continue;
    places.push(own);
    const old = wordAt(ground, own.offset);
    const count =
      (value & fills) === 0 ? 1 : Math.min(mostFilled, (0x1000 - (own.offset % 0x1000)) / ground.word);
    undo.push({ at: own.offset, old: ground.dump.slice(own.offset, own.offset + count * ground.word) });
    const written = choose(own, other, argument, old, ground);
    for (let i = 0; i < count; i++) putWord(ground, own.offset + i * ground.word, written);
  }
  const restore = () => {
    for (const { at, old } of undo.toReversed()) ground.dump.set(old, at);
  };
  return { restore, places };
}

/**
 * Two bytes reach all of a long list in steps.
 * @param {readonly Place[]} list
 * @param {number} index
 */
function pick(list, index) {
  const step = Math.max(1, Math.floor(list.length / 0x1_0000));
  return list[(index * step) % list.length];
}

/** @param {Ground} ground @param {number} offset */
function wordAt({ dump, word }, offset) {
  const view = new DataView(dump.buffer, dump.byteOffset);
  return word === 8 ? view.getBigUint64(offset, true) : BigInt(view.getUint32(offset, true));
}

/** @param {Ground} ground @param {number} offset @param {bigint} value */
function putWord({ dump, word }, offset, value) {
  const view = new DataView(dump.buffer, dump.byteOffset);
  if (word === 8) view.setBigUint64(offset, BigInt.asUintN(64, value), true);
  else view.setUint32(offset, Number(BigInt.asUintN(32, value)), true);
}
