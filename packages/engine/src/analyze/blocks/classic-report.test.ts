import {
  buildMachine,
  type CrashKind,
  type DumpKind,
  dumpBytes,
  type Machine,
  type MachineOptions,
} from '@poolscope/lab';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BufferSource, type ClassicReport, DebuggerError, openSession } from '../../index.ts';
import type { Block, BlockValue } from './block.ts';

const classic = async (machine: Machine, type: DumpKind): Promise<ClassicReport> =>
  (
    await openSession(new BufferSource(dumpBytes(machine, { type })), { path: '/some/where/crash.dmp' })
  ).classicReport();

const found = ({ blocks }: ClassicReport, name: string): Block | undefined =>
  blocks.find((block) => block.name === name);

function valueOf<K extends BlockValue['kind']>(report: ClassicReport, name: string, kind: K) {
  const value = found(report, name)?.value;
  if (value?.kind !== kind) throw new Error(`${name} is ${value?.kind ?? 'absent'}`);
  return value as Extract<BlockValue, { kind: K }>;
}

/** The debugger's order, of newer versions with the blocks of older ones in their places. */
const order = [
  'KEY_VALUES_STRING',
  'BUGCHECK_CODE',
  'BUGCHECK_P1',
  'BUGCHECK_P2',
  'BUGCHECK_P3',
  'BUGCHECK_P4',
  'FILE_IN_CAB',
  'DUMP_FILE_ATTRIBUTES',
  'EXCEPTION_CODE',
  'EXCEPTION_CODE_STR',
  'EXCEPTION_PARAMETER1',
  'EXCEPTION_PARAMETER2',
  'READ_ADDRESS',
  'WRITE_ADDRESS',
  'EXECUTE_ADDRESS',
  'MM_INTERNAL_CODE',
  'SPECIAL_POOL_CORRUPTION_TYPE',
  'CORRUPTING_POOL_ADDRESS',
  'POOL_ADDRESS',
  'HEAP_ADDRESS',
  'HEAP_CHUNK',
  'FAULTING_IP',
  'EXCEPTION_RECORD',
  'CONTEXT',
  'TRAP_FRAME',
  'FAULTING_THREAD',
  'PROCESS_NAME',
  'CURRENT_IRQL',
  'LAST_CONTROL_TRANSFER',
  'STACK_TEXT',
  'FOLLOWUP_IP',
  'SYMBOL_STACK_INDEX',
  'SYMBOL_NAME',
  'MODULE_NAME',
  'IMAGE_NAME',
  'IMAGE_VERSION',
  'DEBUG_FLR_IMAGE_TIMESTAMP',
  'STACK_COMMAND',
  'BUCKET_ID_FUNC_OFFSET',
  'FAILURE_BUCKET_ID',
  'OS_VERSION',
  'BUILDLAB_STR',
  'OSPLATFORM_TYPE',
  'OSNAME',
  'VERDICT',
];

const crashes: readonly CrashKind[] = ['service-exception', 'page-fault', 'pool-free', 'system-thread'];
const architectures = ['x64', 'x86', 'arm64'] as const;
const everyCrash: MachineOptions[] = architectures.flatMap((architecture) =>
  crashes.map((crash) => ({ architecture, crash })),
);

describe.each(everyCrash)('the classic report of $crash on $architecture', (options) => {
  const machine = buildMachine(options);

  it.each(['full', 'triage', 'header'] as const)('has its blocks once and in order (%s)', async (type) => {
    const names = (await classic(machine, type)).blocks.map(({ name }) => name);
    expect(names).toEqual(order.filter((name) => names.includes(name)));
  });

  it('tells the bug check as the machine raised it', async () => {
    const report = await classic(machine, 'full');
    const { code, parameters } = machine.bugCheck;
    const mask = options.architecture === 'x86' ? 32 : 64;
    expect(valueOf(report, 'BUGCHECK_CODE', 'number').value).toBe(BigInt(code));
    expect([1, 2, 3, 4].map((index) => valueOf(report, `BUGCHECK_P${index}`, 'number').value)).toEqual(
      parameters.map((value) => BigInt.asUintN(mask, value)),
    );
    expect(valueOf(report, 'KEY_VALUES_STRING', 'keys').keys).toContainEqual([
      'Bugcheck.Code.KiBugCheckData',
      `0x${code.toString(16)}`,
    ]);
    expect(valueOf(report, 'FILE_IN_CAB', 'text').text).toBe('crash.dmp');
    expect(valueOf(report, 'OSPLATFORM_TYPE', 'text').text).toBe(options.architecture);
  });

  it('shows the stack from the exception or from the bug check on, as it really is', async () => {
    const report = await classic(machine, 'full');
    const { frames, fault } = machine.truth;
    const start = fault?.contextRecord === undefined ? 0 : frames.findIndex(({ ip }) => ip === fault.ip);
    const shown = valueOf(report, 'STACK_TEXT', 'stack').frames;
    const command = valueOf(report, 'STACK_COMMAND', 'text').text;
    const isContext = command.startsWith('.cxr 0x');
    expect(shown.map(({ ip }) => ip)).toEqual(frames.slice(isContext ? start : 0).map(({ ip }) => ip));
  });

  it('names whose instruction failed, or the first module outside the kernel', async () => {
    const report = await classic(machine, 'full');
    const { frames, fault } = machine.truth;
    const outside = (name: string | undefined) => name !== undefined && !/^(nt|hal)!/.test(name);
    const from = Math.max(
      0,
      frames.findIndex(({ ip }) => ip === fault?.ip),
    );
    const expected = outside(fault?.function)
      ? fault!.function
      : frames.slice(from).find((frame) => outside(frame.function))?.function;
    expect(valueOf(report, 'MODULE_NAME', 'text').text).toBe(expected?.split('!')[0] ?? 'nt');
    expect(report.followup?.by).toBe(
      outside(fault?.function) ? 'fault' : expected === undefined ? 'kernel' : 'stack',
    );
  });

  it('knows what the failing instruction touched', async () => {
    const report = await classic(machine, 'full');
    const { fault } = machine.truth;
    expect(found(report, 'FAULTING_IP')?.value).toEqual(
      fault && expect.objectContaining({ kind: 'place', address: fault.ip }),
    );
    const name = options.crash === 'page-fault' ? 'WRITE_ADDRESS' : 'READ_ADDRESS';
    expect(found(report, name)?.value).toEqual(fault && { kind: 'address', value: fault.address });
  });
});

describe('the classic report', () => {
  it('finds the trap frame on the stack that no parameter names', async () => {
    const machine = buildMachine({ crash: 'page-fault' });
    const truth = machine.truth.frames.find(
      (_, index, all) => all[index + 1]?.ip === machine.truth.fault?.ip,
    );
    const value = valueOf(await classic(machine, 'full'), 'TRAP_FRAME', 'registers');
    expect(value.address).toBe(truth?.trapFrame);
    expect(value.registers.rip).toBe(machine.truth.fault?.ip);
  });

  it('marks an address that only the registers tell', async () => {
    const report = await classic(buildMachine(), 'full');
    expect(found(report, 'READ_ADDRESS')?.note).toMatch(/by the registers/);
    const recorded = await classic(buildMachine({ crash: 'page-fault' }), 'full');
    expect(found(recorded, 'WRITE_ADDRESS')).not.toHaveProperty('note');
  });

  it('has a verdict where the crash may be about pool', async () => {
    const report = await classic(buildMachine({ crash: 'pool-free' }), 'full');
    expect(valueOf(report, 'VERDICT', 'verdict').verdict).toBe(report.report.verdict);
  });

  it('takes damaged small dumps', async () => {
    const bytes = dumpBytes(buildMachine(), { type: 'triage' });
    const spots = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 40,
    });
    const damage = fc.asyncProperty(spots, async (changes) => {
      const damaged = bytes.slice();
      for (const [at, value] of changes) damaged[at] = value;
      const session = await openSession(new BufferSource(damaged)).catch((reason: unknown) => reason);
      if (session instanceof DebuggerError) return;
      const { blocks } = (session as Awaited<ReturnType<typeof openSession>>).classicReport();
      expect(blocks.map(({ name }) => name)).toContain('BUGCHECK_CODE');
    });
    await fc.assert(damage, { numRuns: 60 });
  });
});
