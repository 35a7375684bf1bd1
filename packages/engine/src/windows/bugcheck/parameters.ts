import { readAccess } from './access.ts';
import type { Parameter } from './entry.ts';
import { describeNtStatus, ntStatusName } from './ntstatus.ts';
import type { ParameterRole } from './types.ts';
import { hex, irqlName, low32, poolTypeName, tagText } from './values.ts';

/** A parameter whose value says nothing by itself. */
const plain =
  (role: ParameterRole, usual: string) =>
  (text = usual): Parameter => ({ role, text });

/** A parameter whose value is told as text behind what it is. */
const read =
  (role: ParameterRole, usual: string, show: NonNullable<Parameter['read']>) =>
  (text = usual): Parameter => ({ role, text, read: (value, facts) => `${text} ${show(value, facts)}` });

export const address = plain('address', 'the address');
export const ip = plain('ip', 'the instruction that made the access, if known');
export const contextRecord = plain('context-record', 'context record: the registers at the exception');
export const exceptionRecord = plain('exception-record', 'exception record');
export const trapFrame = plain('trap-frame', 'trap frame');
export const poolBlock = plain('pool-address', 'the pool block');
export const poolHeader = plain('pool-header', 'the pool header');
export const pte = plain('pte', 'the page table entry');
export const pfn = plain('pfn', 'the page frame number');
export const thread = plain('thread', 'the thread');
export const process = plain('process', 'the process');
export const irp = plain('irp', 'the IRP');
export const device = plain('device-object', 'the device object');
export const driverName = plain('driver-name', 'name of the driver');
export const size = plain('size', 'size in bytes');
export const value = plain('value', 'a value');

export const irql = read(
  'irql',
  'IRQL',
  (level, { machine }) => `${hex(level)} (${irqlName(level, machine)})`,
);
export const poolTag = read('pool-tag', 'pool tag', (tag) => `'${tagText(tag)}'`);
export const poolType = read('pool-type', 'pool type', (type) => `${hex(type)} (${poolTypeName(type)})`);
export const status = read('ntstatus', 'status', statusText);
export const exceptionCode = read('exception-code', 'exception code', statusText);

/** Kind of the access; which bits say so depends on the bug check, see access.ts. */
export const access = (): Parameter => ({
  role: 'access',
  text: 'kind of access',
  read: (kind, facts) => `${hex(kind)}: ${readAccess(kind, facts) ?? 'unknown kind of access'}`,
});

/** A number with a list of known values. */
export const named = (text: string, values: Readonly<Record<number, string>>): Parameter => ({
  role: 'value',
  text,
  read: (number) => `${text} ${hex(number)}: ${lookUp(values, number) ?? 'unknown'}`,
});

/** The number that says which kind of violation it is, where all kinds have the same other parameters. */
export const kind = (text: string, values: Readonly<Record<number, string>>): Parameter => ({
  ...named(text, values),
  role: 'subcode',
});

const lookUp = (values: Readonly<Record<number, string>>, number: bigint): string | undefined =>
  number > 0xffff_ffffn ? undefined : values[Number(number)];

function statusText(code: bigint): string {
  const low = low32(code);
  return `${hex(low)} (${ntStatusName(low) ?? 'unknown'})`;
}

/** A sentence about an exception code, for descriptions. */
export function exceptionSentence(code: bigint): string | undefined {
  const known = describeNtStatus(low32(code));
  return known === undefined ? undefined : `The exception is ${known.name}: ${known.meaning}.`;
}
