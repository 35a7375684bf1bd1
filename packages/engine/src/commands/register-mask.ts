import { DebuggerError } from '../base/index.ts';
import type { Machine } from '../cpu/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { plain } from './output.ts';

/** Parts of the registers that `r` shows, as bits of its mask. Source: the debugger's documentation. */
export const registerParts = {
  integer32: 0x1,
  integer64: 0x2,
  floatingPoint: 0x4,
  segments: 0x8,
  mmx: 0x10,
  debug: 0x20,
  xmm: 0x40,
  control: 0x80,
  descriptors: 0x100,
} as const;

const names: readonly (readonly [bit: number, name: string])[] = [
  [registerParts.integer64, 'Integers, 64 bits'],
  [registerParts.integer32, 'Integers, 32 bits'],
  [registerParts.floatingPoint, 'Floating point stack'],
  [registerParts.segments, 'Segments'],
  [registerParts.mmx, 'mm0 to mm7'],
  [registerParts.debug, 'Debug registers, cr4'],
  [registerParts.xmm, 'xmm registers'],
  [registerParts.control, 'Control registers'],
  [registerParts.descriptors, 'Descriptor tables, task register'],
];

/** Bits of other registers (AVX, AVX-512), which no context record of a kernel dump holds. */
const absentParts = 0x7e00;

const validBits = (machine: Machine): number => (machine === 'arm64' ? 0x7 : 0x1ff);

const defaultMask: Readonly<Record<Machine, number>> = { x64: 0xa, x86: 0x9, arm64: 0x2 };

export const maskOf = (console: Console): number =>
  console.registerMask ?? defaultMask[console.system.machine];

/** Reads a mask as typed and leaves out what this machine does not have; of the two integer bits the wider one counts. */
export function readMask(
  console: Console,
  text: string,
): { readonly mask: number; readonly ignored: number } {
  const value = evaluateIn(console, text);
  if (value > 0xffff_ffffn) throw new DebuggerError('COMMAND_USAGE', 'the mask has at most 32 bits');
  const typed = Number(value);
  const valid = validBits(console.system.machine);
  const mask = (typed & valid) >>> 0;
  const both = registerParts.integer32 | registerParts.integer64;
  return {
    mask: (mask & both) === both ? mask & ~registerParts.integer32 : mask,
    ignored: (typed & ~valid) >>> 0,
  };
}

export const registerMask: Command = {
  names: ['rm'],
  usage: '[? | MASK]',
  summary: 'show or set which registers r shows',
  group: 'registers',
  details: [
    'MASK is a sum of 1 or 2 (general registers), 4 (x87), 8 (segments), 10 (MMX), 20 (debug registers), 40 (XMM),',
    '80 (control registers), 100 (descriptor tables and task). rm ? lists them; rM MASK shows them once.',
  ],
  run(console, args) {
    if (args === '?') return { data: null, lines: plain(...names.map(([bit, name]) => bitLine(bit, name))) };
    if (args !== '') return setMask(console, args);
    const mask = maskOf(console);
    return {
      data: { mask },
      lines: plain(
        `Register output mask is ${mask.toString(16)}:`,
        ...(mask === 0
          ? ['    Nothing']
          : names.filter(([bit]) => (mask & bit) !== 0).map(([bit, name]) => bitLine(bit, name))),
      ),
    };
  },
};

const bitLine = (bit: number, name: string): string => `${bit.toString(16).padStart(8)} - ${name}`;

function setMask(console: Console, args: string) {
  const { mask, ignored } = readMask(console, args);
  if (mask === 0 && ignored !== 0) throw usageError(registerMask, 'none of these registers is in a dump');
  console.registerMask = mask;
  return { data: { mask }, lines: ignored === 0 ? [] : plain(ignoredText(ignored)) };
}

export const ignoredText = (ignored: number): string =>
  (ignored & absentParts) !== 0
    ? `Ignored bits ${ignored.toString(16)}: a kernel dump holds no such registers.`
    : `Ignored invalid bits ${ignored.toString(16)}`;
