import type { TagCode } from './tag-code.ts';

/** How far before an instruction the start of its function is looked for, where no table tells. */
const reach = 0x1000;
/** Instructions from there to it. */
const mostBetween = 1000;
/** push ebp; mov ebp, esp in its two encodings. */
const prologs = [
  [0x55, 0x8b, 0xec],
  [0x55, 0x89, 0xe5],
] as const;

/**
 * RVA of the first instruction of the function around `at`: by the exception directory, and in x86 code by the prolog
 * before, if instructions from there on lead to `at`. Undefined where neither tells.
 */
export function functionStart(code: TagCode, at: number): number | undefined {
  if (code.disassembler.machine !== 'x86') return code.functionAround(at);
  const from = Math.max(0, at - reach, code.sectionAt(at)?.rva ?? 0);
  const bytes = code.bytes(from, at - from);
  if (bytes === undefined || bytes.length < at - from) return undefined;
  for (let index = bytes.length - 1; index >= 0; index--) {
    const isProlog = prologs.some((prolog) => prolog.every((byte, next) => bytes[index + next] === byte));
    if (isProlog && leadsTo(code, from + index, at)) return from + index;
  }
  return undefined;
}

function leadsTo(code: TagCode, start: number, at: number): boolean {
  let next = start;
  for (let count = 0; next < at && count < mostBetween; count++) {
    const instruction = code.decode(next);
    if (instruction === undefined) return false;
    next += instruction.length;
  }
  return next === at;
}
