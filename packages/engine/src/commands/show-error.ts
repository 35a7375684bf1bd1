import { describeNtStatus, type NtStatus } from '../windows/index.ts';
import { type Command, usageError } from './command.ts';
import { takeExpression } from './evaluate-in.ts';
import { plain } from './output.ts';

/** Facility bit of an HRESULT that an NTSTATUS was put into. Source: winerror.h of the public SDK. */
const ntFacility = 0x1000_0000;

export const showError: Command = {
  names: ['!error'],
  usage: 'VALUE [1]',
  summary: 'say what an NTSTATUS value means',
  group: 'expressions',
  details: [
    'Only NTSTATUS values are known here. The debugger takes a value below 10000 for a Win32 error;',
    'with 1 behind it, both take it for an NTSTATUS.',
  ],
  examples: ['!error c0000005', '!error 102 1'],
  run(console, args) {
    if (args === '') throw usageError(showError, 'a value is missing');
    const { value, rest } = takeExpression(console, args);
    if (rest !== '' && rest !== '1') throw usageError(showError, `there is no option '${rest.slice(0, 20)}'`);
    const code = Number(BigInt.asUintN(32, value));
    // A 32-bit status is often kept sign-extended in 64 bits.
    const isWide = value >> 32n !== 0n && value >> 31n !== 0x1_ffff_ffffn;
    const lines = plain(...errorText(value, code, { isWide, isStatus: rest === '1' }));
    return { data: isWide ? null : (describeNtStatus(code) ?? null), lines, call: callOf(code, isWide) };
  },
};

const callOf = (code: number, isWide: boolean): string =>
  isWide ? 'null' : `engine.describeNtStatus(0x${code.toString(16)}) ?? null`;

function errorText(value: bigint, code: number, how: { isWide: boolean; isStatus: boolean }): string[] {
  if (how.isWide) return [`0x${value.toString(16)} is no error code: it has more than 32 bits.`];
  const head = (kind: string, number: number): string =>
    `Error code: (${kind}) 0x${number.toString(16)} (${number >>> 0})`;
  const status = describeNtStatus(code);
  if (code < 0x1_0000 && !how.isStatus) return win32Text(head('Win32', code), status);
  if (status !== undefined) return [`${head('NTSTATUS', code)} - ${status.name}: ${status.meaning}`];
  const inner = (code & ntFacility) === 0 ? undefined : describeNtStatus(code & ~ntFacility);
  if (inner !== undefined)
    return [`${head('HRESULT', code)} - made of an NTSTATUS: ${inner.name}: ${inner.meaning}`];
  return [`${head('NTSTATUS', code)} - its meaning is not known here`];
}

/** The names of Win32 errors are not here; small numbers are NTSTATUS values as well. */
const win32Text = (head: string, status: NtStatus | undefined): string[] => [
  `${head} - Win32 errors are not known here`,
  ...(status === undefined ? [] : [`As an NTSTATUS it would be ${status.name}: ${status.meaning}`]),
];
