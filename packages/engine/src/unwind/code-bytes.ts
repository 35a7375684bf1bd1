import { Fault, type Va } from '../base/index.ts';
import type { UnwindContext } from './frame.ts';

/** `length` bytes of code at `va`, from memory or else from the module's image; undefined when any is missing. */
export function readCode(context: UnwindContext, va: Va, length: number): Uint8Array | undefined {
  const bytes = readSomeCode(context, va, length);
  return bytes.length === length ? bytes : undefined;
}

/** What there is of the `length` bytes of code from `va` on. */
export function readSomeCode(context: UnwindContext, va: Va, length: number): Uint8Array {
  const memory = context.memory.tryRead(va, length);
  if (!(memory instanceof Fault)) return memory;
  const module = context.code.findModule(va);
  const image = module?.image.tryReadRva(Number(va - module.base), length);
  const fromImage = image instanceof Fault ? image.got : image;
  return fromImage !== undefined && fromImage.length > memory.got.length ? fromImage : memory.got;
}
