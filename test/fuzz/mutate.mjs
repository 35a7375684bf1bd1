/** Changes of inputs. Each takes bytes and gives new bytes; none changes its argument. */

/** @typedef {import('./random.mjs').Random} Random */

/**
 * @typedef {object} Material
 * @property {Random} random
 * @property {readonly Uint8Array[]} corpus
 * @property {readonly Uint8Array[]} dictionary
 * @property {number} maxLength
 */

const edges = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0xffffffffn,
  (1n << 63n) - 1n,
  (1n << 64n) - 1n,
];

/** @type {readonly ((bytes: Uint8Array, material: Material) => Uint8Array)[]} */
const mutations = [
  flipBit,
  setByte,
  setByte,
  addToInteger,
  setInteger,
  setInteger,
  setToken,
  setToken,
  copyWithin,
  removePart,
  insertPart,
  cutEnd,
  splice,
];

/**
 * A few mutations, one upon the other.
 * @param {Uint8Array} bytes
 * @param {Material} material
 */
export function mutate(bytes, material) {
  const { random, maxLength } = material;
  let result = bytes;
  for (let left = 1 << random.below(3); left > 0; left--) result = random.pick(mutations)(result, material);
  return result.length > maxLength ? result.slice(0, maxLength) : result;
}

/** @type {(bytes: Uint8Array, material: Material) => Uint8Array} */
function flipBit(bytes, { random }) {
  const result = bytes.slice();
  const at = random.below(result.length);
  if (at < result.length) result[at] = (result[at] ?? 0) ^ (1 << random.below(8));
  return result;
}

/** @type {(bytes: Uint8Array, material: Material) => Uint8Array} */
function setByte(bytes, { random }) {
  const result = bytes.slice();
  if (result.length > 0) result[random.below(result.length)] = random.below(256);
  return result;
}

/** @type {(bytes: Uint8Array, material: Material) => Uint8Array} */
function addToInteger(bytes, { random }) {
  const width = 1 << random.below(4);
  const at = place(bytes, width, random);
  if (at < 0) return bytes;
  const delta = BigInt(random.below(71) - 35);
  return overwrite(bytes, at, littleEndian(integerAt(bytes, at, width) + delta, width));
}

/** @type {(bytes: Uint8Array, material: Material) => Uint8Array} */
function setInteger(bytes, { random }) {
  const width = 1 << random.below(4);
  const at = place(bytes, width, random);
  return at < 0 ? bytes : overwrite(bytes, at, littleEndian(random.pick(edges), width));
}

/** @type {(bytes: Uint8Array, material: Material) => Uint8Array} */
function setToken(bytes, { random, dictionary }) {
  if (dictionary.length === 0) return bytes;
  const token = random.pick(dictionary);
  const at = place(bytes, token.length, random);
  return at < 0 ? bytes : overwrite(bytes, at, token);
}

/** @type {(bytes: Uint8Array, material: Material) => Uint8Array} */
function copyWithin(bytes, { random }) {
  const from = random.below(bytes.length);
  return bytes.slice().copyWithin(random.below(bytes.length), from, from + 1 + partLength(bytes, random));
}

/** @type {(bytes: Uint8Array, material: Material) => Uint8Array} */
function removePart(bytes, { random }) {
  const from = random.below(bytes.length);
  return join(bytes.subarray(0, from), bytes.subarray(from + 1 + partLength(bytes, random)));
}

/** @type {(bytes: Uint8Array, material: Material) => Uint8Array} */
function insertPart(bytes, { random }) {
  const from = random.below(bytes.length);
  const part = bytes.subarray(from, from + 1 + partLength(bytes, random));
  const at = random.below(bytes.length + 1);
  return join(bytes.subarray(0, at), part, bytes.subarray(at));
}

/** @type {(bytes: Uint8Array, material: Material) => Uint8Array} */
function cutEnd(bytes, { random }) {
  return bytes.slice(0, random.below(bytes.length + 1));
}

/** @type {(bytes: Uint8Array, material: Material) => Uint8Array} */
function splice(bytes, { random, corpus }) {
  const other = random.pick(corpus);
  const at = random.below(Math.min(bytes.length, other.length));
  return random.below(2) === 0
    ? join(bytes.subarray(0, at), other.subarray(at))
    : overwrite(bytes, at, other.subarray(at, at + 16));
}

/**
 * Where a value of `width` bytes goes, aligned more often than not; -1 where there is no room.
 * @param {Uint8Array} bytes
 * @param {number} width
 * @param {Random} random
 */
function place(bytes, width, random) {
  if (bytes.length < width) return -1;
  const at = random.below(bytes.length - width + 1);
  return random.below(4) === 0 ? at : at - (at % Math.min(width, 8));
}

/**
 * @param {Uint8Array} bytes
 * @param {Random} random
 */
const partLength = (bytes, random) => random.below(Math.min(bytes.length, random.below(4) === 0 ? 4096 : 32));

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {Uint8Array} part cut where it does not fit
 */
function overwrite(bytes, at, part) {
  const result = bytes.slice();
  result.set(part.subarray(0, result.length - at), at);
  return result;
}

/** @param {readonly Uint8Array[]} parts */
function join(...parts) {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} width
 */
function integerAt(bytes, at, width) {
  let value = 0n;
  for (let i = width - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i] ?? 0);
  return value;
}

/**
 * The low bytes of a value.
 * @param {bigint} value
 * @param {number} width
 */
export function littleEndian(value, width) {
  const result = new Uint8Array(width);
  for (let i = 0; i < width; i++) result[i] = Number(BigInt.asUintN(8, value >> BigInt(8 * i)));
  return result;
}
