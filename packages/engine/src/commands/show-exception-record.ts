import { DebuggerError, padHex, type Va } from '../base/index.ts';
import type { ExceptionRecord } from '../cpu/index.ts';
import { exceptionEventName, fastFailName, ntStatusName, readExceptionRecord } from '../windows/index.ts';
import { bigHex } from './call-text.ts';
import type { Command } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { plain } from './output.ts';
import { noRecord } from './read-memory.ts';

export const showExceptionRecord: Command = {
  names: ['.exr'],
  usage: '[ADDR | -1]',
  summary: 'show an exception record',
  group: 'registers',
  details: ['-1 shows the one that belongs to the crash.'],
  run(console, args) {
    const ofCrash = args === '-1' || args === '';
    const address = ofCrash ? 0n : evaluateIn(console, args);
    const record = ofCrash ? crashRecord(console) : recordAt(console, address);
    return {
      data: record,
      lines: plain(...recordLines(console, record)),
      call: ofCrash
        ? 'session.system.exceptionRecord'
        : `engine.readExceptionRecord(session.system.target, ${bigHex(address)})`,
    };
  },
};

function crashRecord({ system }: Console): ExceptionRecord {
  const record = system.exceptionRecord;
  if (record === undefined)
    throw new DebuggerError('MEMORY_UNREADABLE', 'this dump holds no exception record of the crash');
  return record;
}

function recordAt({ system }: Console, va: Va): ExceptionRecord {
  const record = readExceptionRecord(system.target, va);
  if (record === undefined) {
    throw noRecord(system, 'exception record', va);
  }
  return record;
}

/** The record in the debugger's layout. */
export function recordLines({ system }: Console, record: ExceptionRecord): string[] {
  const value = (number: bigint) => system.plainText(number);
  const digits = system.target.pointerSize * 2;
  const name = system.symbols
    .nameOf(record.address)
    ?.replace(/\+0x([\da-f]+)$/, (_, offset: string) => `+0x${offset.padStart(digits, '0')}`);
  const event = exceptionEventName(record.code) ?? ntStatusName(record.code);
  return [
    `ExceptionAddress: ${value(record.address)}${name === undefined ? '' : ` (${name})`}`,
    `   ExceptionCode: ${padHex(record.code, 8)}${event === undefined ? '' : ` (${event})`}`,
    `  ExceptionFlags: ${padHex(record.flags, 8)}`,
    `NumberParameters: ${record.information.length}`,
    ...record.information.map((information, index) => `   Parameter[${index}]: ${value(information)}`),
    ...attempt(record, value),
  ];
}

const accessViolation = 0xc0000005;
const inPageError = 0xc0000006;
const failFast = 0xc0000409;

function attempt(record: ExceptionRecord, value: (number: bigint) => string): string[] {
  const [kind, address] = record.information;
  if (record.code === failFast && kind !== undefined) return [subcodeText(kind)];
  if ((record.code !== accessViolation && record.code !== inPageError) || address === undefined) return [];
  const verb =
    kind === 0n ? 'read from' : kind === 1n ? 'write to' : kind === 8n ? 'execute non-executable' : undefined;
  return verb === undefined ? [] : [`Attempt to ${verb} address ${value(address)}`];
}

/** The first parameter of a fail-fast says what was found broken. */
function subcodeText(code: bigint): string {
  const name = fastFailName(code);
  return `Subcode: 0x${code.toString(16)}${name === undefined ? '' : ` FAST_FAIL_${name}`}`;
}
