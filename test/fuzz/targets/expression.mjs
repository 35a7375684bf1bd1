import { Fault } from '../../../packages/engine/dist/base/index.js';
import { evaluate } from '../../../packages/engine/dist/expr/index.js';

/** The debugger's expressions, out of any text. */
export const name = 'expression';

const texts = [
  '@rip+0x10*2-0n33',
  'poi(@rsp+8) & ~0xff | by(1000) ^ fffff800`00001000',
  'nt!KeBugCheckEx + (dwo(.)>>4) mod 0y101',
  'not hi(0t777) >>> 1 == low(@$ip) >= 5',
  '$scmp("a","b") + $spat("ab","a[b-c]#?*") | $vvalid(1000,20) - $iment(nt!x)',
  '@@masm(@!"nt!x") + `nt!y` + $pqwo 1000 L8',
];

export const seeds = () => texts.map((text) => Uint8Array.from(text, (c) => c.charCodeAt(0)));

const missing = new Fault('not-present', 0n);

/** Memory of which a page out of two is there. */
const memory = {
  kind: /** @type {const} */ ('paged'),
  tryRead: (/** @type {bigint} */ va, /** @type {number} */ length) =>
    (va & 0x1000n) === 0n ? new Uint8Array(length).fill(Number(va & 0xffn)) : missing,
  tryReadU64: (/** @type {bigint} */ va) => ((va & 0x1000n) === 0n ? va : missing),
  tryReadU32: (/** @type {bigint} */ va) => ((va & 0x1000n) === 0n ? Number(va & 0xffffn) : missing),
  nextCandidate: () => undefined,
};

/** @param {Uint8Array} bytes */
export function run(bytes) {
  const value = evaluate(String.fromCharCode(...bytes.subarray(0, 4096)), {
    memory,
    pointerSize: 8,
    radix: 16,
    findRegister: (register) => (register.startsWith('r') ? 0x1000n : undefined),
    findSymbol: (symbol) => (symbol.includes('!') ? 0xfffff800_00000000n : undefined),
  });
  if (value !== BigInt.asUintN(64, value)) throw new Error(`${value} is not an unsigned 64-bit value`);
}
