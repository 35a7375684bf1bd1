import { FPO_DATA } from '@poolscope/engine/layouts';
import { concatBytes } from '../bytes/integers.ts';
import { structBytes } from '../bytes/struct-writer.ts';
import type { BuiltImage, PlacedFunction } from '../image/built-image.ts';
import type { X86Step } from '../image/x86-function.ts';

/** Types of frames in the highest two bits. Source: winnt.h. */
const frameTypes = { none: 0, trap: 1, ebp: 3 } as const;
const wordSize = 4;
const maxSavedRegisters = 7;

/** How functions of x86 use their stacks (FPO_DATA), ascending by place; empty for other processors. */
export function fpoData(image: BuiltImage): Uint8Array {
  if (image.spec.architecture !== 'x86') return new Uint8Array(0);
  const functions = [...image.functions].sort((a, b) => a.rva - b.rva) as PlacedFunction<X86Step>[];
  return concatBytes(functions.map(frameOf));
}

/** Arguments are not described: the functions leave them to their callers. */
function frameOf({ spec, rva, size }: PlacedFunction<X86Step>): Uint8Array {
  const locals = spec.prolog.reduce((sum, step) => sum + (step.op === 'allocate' ? step.size : 0), 0);
  const saved = spec.prolog.filter(({ op }) => op === 'push').length;
  return structBytes(FPO_DATA, {
    ulOffStart: rva,
    cbProcSize: size,
    cdwLocals: locals / wordSize,
    cbProlog: spec.prologSize,
    flags: Math.min(saved, maxSavedRegisters) | (frameType(spec.prolog) << 6),
  });
}

function frameType(prolog: readonly X86Step[]): number {
  if (prolog.some(({ op }) => op === 'trapFrame')) return frameTypes.trap;
  return prolog.some(({ op }) => op === 'frame') ? frameTypes.ebp : frameTypes.none;
}
