import type { TagCode } from './code.ts';

/**
 * FLT_CONTEXT_REGISTRATION: bytes, and the offset of its PoolTag. A list of them ends with the type 0xffff. Source: the
 * documentation of minifilter drivers.
 */
const layouts = {
  8: { size: 0x38, tag: 0x18, contextSize: 0x10 },
  4: { size: 0x1c, tag: 0xc, contextSize: 8 },
} as const;

const contextTypes = new Set([1, 2, 4, 8, 0x10, 0x20, 0x40]);
const end = 0xffff;
const mostContexts = 16;
/** The largest context; a driver may also say that its size varies. */
const mostBytes = 0xffff;
const variableBytes = 0xffff_ffff;

/** Is this word of data the tag of a context that a minifilter registers? Blocks for such contexts get it. */
export function isContextTag(code: TagCode, place: number): boolean {
  const { size, tag } = layouts[code.pointerSize];
  if (!code.imports(/!FltRegisterFilter$/)) return false;
  for (let at = place - tag, count = 0; count < mostContexts; at += size, count++) {
    const type = typeAt(code, at);
    if (type === end) return count > 0;
    if (type === undefined || !isContext(code, at, type)) return false;
  }
  return false;
}

function typeAt(code: TagCode, at: number): number | undefined {
  const word = code.u32(at);
  return word === undefined ? undefined : word & 0xffff;
}

function isContext(code: TagCode, at: number, type: number): boolean {
  const { contextSize } = layouts[code.pointerSize];
  const bytes = code.u32(at + contextSize);
  return contextTypes.has(type) && bytes !== undefined && (bytes <= mostBytes || bytes === variableBytes);
}
