import { tickHex } from '../base/index.ts';
import type { Frame } from '../unwind/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { type Line, span } from './output.ts';
import { requireScope } from './registers.ts';

const defaultFrames = 0x40;

export const stackCommand: Command = {
  names: ['k', 'kn'],
  usage: '[COUNT]',
  summary: 'show the stack of the current context; kn numbers the frames',
  group: 'stack',
  joins: /^[\d@]/,
  details: [
    'COUNT is hexadecimal. The last column says how each frame was found:',
    'context (registers), trap (an interrupted context on the stack), unwind (unwind tables), frame-pointer,',
    'or scan (a word on the stack that points into code: it may be left over from an earlier call;',
    '"follows a call" when the code before it is in the dump and is one).',
  ],
  run(console, args, name) {
    const wanted = args.replace(/^l\s*(?=[\da-f])/i, '');
    const count = wanted === '' ? defaultFrames : Number(evaluateIn(console, wanted));
    if (count < 1 || count > 0xffff) throw usageError(stackCommand, 'the count is out of range');
    const frames = console.system.stackFrom(requireScope(console).registers, count);
    return {
      data: frames,
      lines: [
        heading(console, name === 'kn'),
        ...frames.map((frame, index) => frameLine(console, frame, index, name === 'kn')),
      ],
    };
  },
};

function heading({ system }: Console, numbered: boolean): Line {
  const columns =
    system.target.pointerSize === 8
      ? 'Child-SP          RetAddr               Call Site'
      : 'ChildEBP RetAddr      Call Site';
  return [span(`${numbered ? ' # ' : ''}${columns}`, 'heading')];
}

function frameLine({ system }: Console, frame: Frame, index: number, numbered: boolean): Line {
  const wide = system.target.pointerSize === 8;
  const address = (value: bigint | undefined) => {
    if (value === undefined) return wide ? '????????`????????' : '????????';
    return wide ? tickHex(value) : system.addressText(value);
  };
  const number = numbered ? `${index.toString(16).padStart(2, '0')} ` : '';
  const site = system.symbols.nameOf(frame.ip) ?? `0x${system.addressText(frame.ip)}`;
  const trap = frame.trapFrame === undefined ? '' : ` (TrapFrame @ ${address(frame.trapFrame)})`;
  return [
    `${number}${address(frame.sp)} ${address(frame.returnAddress)}     `,
    span(site, 'symbol'),
    trap,
    span(`  [${trustText(frame)}]`, 'dim'),
  ];
}

/** A scanned word that surely follows a call is better than one whose code is not in the dump. */
const trustText = (frame: Frame): string =>
  frame.trust === 'scan' && frame.note === undefined ? 'scan, follows a call' : frame.trust;
