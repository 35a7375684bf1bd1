import { buildImage } from '../src/image/build-image.ts';
import type { BuiltImage } from '../src/image/built-image.ts';
import { mark, raw } from '../src/image/code.ts';
import type { FunctionSource, FunctionSpec, ImageSpec } from '../src/image/image-spec.ts';
import { callImport } from '../src/image/x64-code.ts';
import { x64Function } from '../src/image/x64-function.ts';
import { allocated } from '../src/image/x64-prolog.ts';

const nops = (count: number) => raw('90'.repeat(count));

/** A function of `size` bytes without a frame, and what symbol files tell of it. */
const plain = (
  name: string,
  body: Parameters<typeof x64Function>[2],
  source: FunctionSource = {},
): FunctionSpec => ({ ...x64Function(name, [], [...body, raw('c3')], { noEpilog: true }), ...source });

const base = {
  architecture: 'x64',
  name: 'probe.sys',
  module: 'probe',
  base: 0xffff_f800_1234_0000n,
  timeDateStamp: 0x6357_a001,
  pdb: { name: 'probe.pdb', guid: '01234567-89ab-cdef-0123-456789abcdef', age: 0x1b },
  entryPoint: 'Entry',
  variables: [
    { name: 'Zeta', size: 8, exported: true },
    { name: '_Odd', size: 0x20, alignment: 64 },
  ],
  constants: [{ name: 'Text', size: 6 }],
} as const satisfies Partial<ImageSpec>;

/**
 * Lines in two files, two functions inlined one into the other, scopes and labels:
 *
 *     Outer   0x00-0x10  own code
 *             0x10-0x30  Push (list.h 30); 0x20-0x30 of it line 33
 *             0x18-0x20  Link (list.h 50) in Push
 *             0x400-0x410  Push again (line 29)
 */
export const describedImage = (): BuiltImage =>
  buildImage({
    ...base,
    functions: [
      x64Function('Entry', [allocated(0x28)], [callImport('nt!ExFreePoolWithTag')], { exported: true }),
      plain('Outer', [nops(0x10), mark('inlined'), nops(0x20), mark('own'), nops(0x400)], {
        file: 'd:\\probe\\outer.c',
        lines: [
          { at: 0, line: 10 },
          { at: 'inlined', line: 12 },
          { at: 'own', line: 300 },
          { at: 0x38, line: 4, file: 'd:\\probe\\other.h' },
        ],
        inlines: [
          {
            name: 'Push',
            file: 'd:\\probe\\list.h',
            line: 30,
            ranges: [
              { from: 'inlined', to: 0x20 },
              { from: 0x20, to: 'own', line: 33 },
              { from: 0x400, to: 0x410, line: 29 },
            ],
            inlines: [{ name: 'Link', line: 50, ranges: [{ from: 0x18, to: 0x20 }] }],
          },
        ],
        blocks: [{ from: 4, to: 'own' }],
      }),
      plain('Leaf', [nops(3)], { lines: [{ at: 0, line: 70_000 }] }),
    ],
  });

/**
 * An image that was reordered: Second stood before First, eight bytes of First behind 0x20 were taken out, and its end
 * stands elsewhere now.
 *
 *     First       0x00-0x20 as it was, 0x20-0x40 from First+0x28
 *     First$cold  0x00-0x10 from First+0x48
 */
export const reorderedImage = (): BuiltImage =>
  buildImage({
    ...base,
    functions: [
      plain('First', [nops(0x20), mark('shorter'), nops(0x1f)], {
        moved: {
          blocks: [
            { at: 0, offset: 0 },
            { at: 'shorter', offset: 0x28 },
          ],
        },
        lines: [
          { at: 0, line: 5 },
          { at: 'shorter', line: 6 },
        ],
        inlines: [{ name: 'Push', line: 30, ranges: [{ from: 0x18, to: 0x28 }] }],
      }),
      plain('Entry', [nops(7)]),
      plain('Second', [nops(0x11)]),
      plain('First$cold', [nops(0xf)], {
        moved: { of: 'First', blocks: [{ at: 0, offset: 0x48 }] },
        lines: [{ at: 0, line: 9 }],
      }),
    ],
    linkOrder: ['Second', 'First'],
  });

/** Places of one function before and after a kernel was reordered: what was at 0x421, 0x442, 0x7ec and 0xa94 is elsewhere. */
export const allocatorImage = (): BuiltImage =>
  buildImage({
    ...base,
    functions: [
      plain('Entry', [nops(3)]),
      plain('ExAllocatePoolWithTag', [nops(0x419), mark('lock'), nops(0x19), mark('locked'), nops(0x7ff)], {
        moved: {
          blocks: [
            { at: 0, offset: 0 },
            { at: 'lock', offset: 0x421 },
            { at: 0x7ee, offset: 0x7ec },
            { at: 0xa98, offset: 0xa94 },
          ],
        },
        inlines: [{ name: 'KzAcquireQueuedSpinLock', line: 1, ranges: [{ from: 'lock', to: 'locked' }] }],
      }),
    ],
    linkOrder: ['ExAllocatePoolWithTag'],
  });
