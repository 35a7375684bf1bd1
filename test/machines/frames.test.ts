import { BufferSource, lineText, openSession, type Session } from '@poolscope/engine';
import { buildMachine, type DumpKind, dumpBytes, type Machine, type MachineOptions } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';

/*
 * `.frame /r` of every frame against what the registers really were when the lab's processor ran there.
 */

const crashes = ['service-exception', 'page-fault', 'pool-free', 'system-thread'] as const;

const open = (machine: Machine, type: DumpKind): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type })));

interface FrameData {
  readonly registers: Readonly<Record<string, bigint>>;
  readonly carried: Readonly<Record<string, number>>;
}

const frameData = (session: Session, index: number): FrameData =>
  session.execute(`.frame /r ${index.toString(16)}`).data as FrameData;

const numbered = (prefix: string, first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, index) => `${prefix}${first + index}`);

const nonvolatile = {
  x64: ['rip', 'rsp', 'rbx', 'rbp', 'rsi', 'rdi', ...numbered('r', 12, 15)],
  arm64: ['pc', 'sp', 'fp', ...numbered('x', 19, 28)],
  x86: ['eip', 'ebp'],
};

const machines: readonly (readonly [string, MachineOptions])[] = (['x64', 'arm64', 'x86'] as const).flatMap(
  (architecture) => crashes.map((crash) => [`${architecture}, ${crash}`, { architecture, crash }] as const),
);
/** Kernels that keep classic pool. */
const classic: typeof machines = [
  ...[7601, 9200, 9600, 14_393, 17_763].map((build) => ['x64', build] as const),
  ['x86', 7601] as const,
].flatMap(([architecture, build]) =>
  crashes.map(
    (crash) => [`${architecture} of build ${build}, ${crash}`, { architecture, build, crash }] as const,
  ),
);

describe.each([...machines, ...classic])('frames of %s', (_name, options) => {
  it('U-44 have the nonvolatile registers that they really had, and say which others are not theirs', async () => {
    const machine = buildMachine(options);
    const session = await open(machine, 'bitmap-kernel');
    const { architecture, truth } = machine;
    const bits = architecture === 'x86' ? 32 : 64;
    expect(truth.frames.length).toBeGreaterThan(5);
    truth.frames.forEach((frame, index) => {
      const { registers, carried } = frameData(session, index);
      for (const name of nonvolatile[architecture]) {
        const value = BigInt.asUintN(bits, frame.registers[name]!);
        expect([index, name, registers[name], carried[name]]).toEqual([index, name, value, undefined]);
      }
      for (const [name, value] of Object.entries(registers)) {
        const from = carried[name];
        const real = (from === undefined ? frame : truth.frames[from]!).registers[name];
        // The lab notes no segment registers.
        if (real !== undefined)
          expect([index, name, value]).toEqual([index, name, BigInt.asUintN(bits, real)]);
        if (from !== undefined) expect(truth.frames[from]!.leftBy).not.toBe('call');
      }
    });
    expect(() => session.execute(`.frame ${truth.frames.length.toString(16)}`)).toThrow('there is no frame');
  });
});

describe('a frame as the scope', () => {
  it('begins a stack with the same frames', async () => {
    const machine = buildMachine({ crash: 'page-fault' });
    const session = await open(machine, 'bitmap-kernel');
    session.execute('.frame /c 4');
    const { frames } = machine.truth;
    const shown = session.execute('k').data as readonly { ip: bigint; sp: bigint }[];
    expect(shown.map(({ ip, sp }) => [ip, sp])).toEqual(frames.slice(4).map(({ ip, sp }) => [ip, sp]));
    expect(session.execute('? $frame').data).toBe(0n);
    session.execute('.cxr');
    expect(session.execute('? $ip').data).toBe(frames[0]!.ip);
  });

  it('is what $frame, $scopeip and the dot follow', async () => {
    const machine = buildMachine();
    const session = await open(machine, 'bitmap-kernel');
    session.execute('.frame 9');
    const { ip } = machine.truth.frames[9]!;
    expect(session.execute('? @$frame').data).toBe(9n);
    expect(session.execute('? @$scopeip').data).toBe(ip);
    expect(session.execute('? .').data).toBe(ip);
  });
});

describe('processors', () => {
  it('are chosen with their registers, thread and stack', async () => {
    const machine = buildMachine({ processors: 3 });
    const session = await open(machine, 'bitmap-kernel');
    expect(session.console.processor).toBe(2);
    for (const { number, thread, stackPointer, registers } of machine.processors) {
      session.execute(`~${number}s`);
      expect(session.console.processor).toBe(number);
      expect(session.execute('? @$thread').data).toBe(thread.va);
      expect(session.execute('? @rsp').data).toBe(stackPointer);
      expect((session.execute('k').data as readonly { ip: bigint }[])[0]?.ip).toBe(registers['rip']);
    }
  });

  it('run one command and give the console back as it was', async () => {
    const machine = buildMachine({ processors: 3 });
    const session = await open(machine, 'bitmap-kernel');
    const before = session.execute('r').data;
    session.execute('.frame 3');
    const ran = session.execute('~*r rip').data as readonly (readonly { value: bigint }[])[];
    expect(ran.map(([first]) => first!.value)).toEqual(
      machine.processors.map(({ registers }) => registers['rip']),
    );
    expect(session.execute('r').data).toEqual(before);
    expect([session.console.processor, session.console.frame]).toEqual([2, 3]);
  });

  it('see user memory through the page tables of their own process', async () => {
    const machine = buildMachine();
    const session = await open(machine, 'full');
    const user = machine.truth.frames.at(-1)!.ip;
    const row = () =>
      session
        .execute(`db ${user.toString(16)} L1`)
        .lines.map(lineText)
        .join('');
    const own = row();
    expect(own).not.toContain('??');
    session.execute('~0s');
    expect(session.console.memory).not.toBe(session.system.memory);
    expect(session.execute('? poi(nt!PsLoadedModuleList) != 0').data).toBe(1n);
    session.execute('~1s');
    expect(row()).toBe(own);
  });
});
