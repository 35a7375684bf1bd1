import type { Va } from '@poolscope/engine/base';
import { EXCEPTION_RECORD32, EXCEPTION_RECORD64 } from '@poolscope/engine/layouts';
import { StructWriter } from '../bytes/struct-writer.ts';

/** EXCEPTION_RECORD64 with its information words. */
export function exceptionRecord64(code: number, address: Va, information: readonly bigint[]): Uint8Array {
  const writer = new StructWriter(EXCEPTION_RECORD64).setAll({
    ExceptionCode: code,
    ExceptionAddress: address,
    NumberParameters: information.length,
  });
  for (const [index, word] of information.entries()) writer.set('ExceptionInformation', word, index);
  return writer.bytes;
}

/** EXCEPTION_RECORD32 with its information words. */
export function exceptionRecord32(code: number, address: Va, information: readonly bigint[]): Uint8Array {
  const writer = new StructWriter(EXCEPTION_RECORD32).setAll({
    ExceptionCode: code,
    ExceptionAddress: Number(address & 0xffff_ffffn),
    NumberParameters: information.length,
  });
  for (const [index, word] of information.entries())
    writer.set('ExceptionInformation', Number(word & 0xffff_ffffn), index);
  return writer.bytes;
}
