import { describe, expect, it } from 'vitest';
import { MemoryView } from '../../test/memory-view.ts';
import { type Control, Driver, type Routine, RunningMachine, SystemStopped } from './index.ts';

const controls = {
  mdl: 0x22_2004,
  freeMdl: 0x22_2008,
  copy: 0x22_200c,
  fill: 0x22_2010,
  echo: 0x22_2014,
  irql: 0x22_2018,
};
const bytes = 0x1800;
const tag = 0x7473_6554;

/** Calls what drivers call, and keeps what comes back. */
class Caller extends Driver {
  override readonly name = 'caller';
  override readonly globals = { Block: 8, Mdl: 8, Length: 8, Irql: 8 };
  override readonly texts = { Text: 'of an image, some letters' };

  override controls(): readonly Control[] {
    const block = (routine: Routine) => routine.load(this.global('Block'));
    return [
      {
        code: controls.mdl,
        body: (routine) => {
          const buffer = routine.result('nt!ExAllocatePoolWithTag', 0, bytes, tag);
          routine.store(this.global('Block'), 0, buffer);
          routine.add(buffer, 0x340);
          const mdl = routine.result('nt!IoAllocateMdl', buffer, bytes - 0x340, 0, 0, 0);
          routine.call('nt!MmBuildMdlForNonPagedPool', mdl);
          routine.store(this.global('Mdl'), 0, mdl);
        },
      },
      {
        code: controls.freeMdl,
        body: (routine) => routine.call('nt!IoFreeMdl', routine.load(this.global('Mdl'))),
      },
      {
        code: controls.copy,
        body: (routine) => routine.call('nt!memcpy', block(routine), this.text('Text'), 26),
      },
      { code: controls.fill, body: (routine) => routine.call('nt!memset', block(routine), 0x5a, 0x123) },
      {
        code: controls.echo,
        body: (routine, { buffer, length }) => {
          routine.copy(block(routine), buffer, length);
          routine.store(this.global('Length'), 0, length);
        },
      },
      {
        code: controls.irql,
        body: (routine) => {
          const old = routine.result('nt!KfRaiseIrql', 2);
          routine.store(this.global('Irql'), 0, old);
          routine.call('nt!KeLowerIrql', old);
        },
      },
    ];
  }
}

function running() {
  const machine = new RunningMachine({ drivers: [new Caller()] });
  const memory = new MemoryView(machine.space);
  const control = (code: number, input?: Uint8Array) =>
    machine.deviceControl({ driver: 'caller', code, ...(input && { input }) });
  expect(control(controls.mdl)).toBe(0);
  return { machine, memory, control, block: machine.readPointer('caller!Block') };
}

describe('calls of a driver', () => {
  it('describe a buffer with an MDL of its pages', () => {
    const { machine, memory, control, block } = running();
    const mdl = machine.readPointer('caller!Mdl');
    const pages = [0n, 0x1000n].map((at) => BigInt(machine.space.pfnOf(block + at)!));
    expect([memory.u64(mdl + 0x30n), memory.u64(mdl + 0x38n)]).toEqual(pages);
    expect([memory.u64(mdl + 0x20n), memory.u64(mdl + 0x18n)]).toEqual([block, block + 0x340n]);
    expect([memory.u32(mdl + 0x28n), memory.u32(mdl + 0x2cn)]).toEqual([bytes - 0x340, 0x340]);
    expect([memory.u16(mdl + 8n), memory.u16(mdl + 0xan)]).toEqual([0x40, 4]);
    const blockOfMdl = () => machine.pool.truth().blocks.find(({ address }) => address === mdl)!;
    expect([blockOfMdl().state, blockOfMdl().requested]).toEqual(['allocated', 0x40]);
    control(controls.freeMdl);
    expect(blockOfMdl().state).not.toBe('allocated');
  });

  it('copy and fill memory to the byte', () => {
    const { memory, control, block } = running();
    control(controls.fill);
    expect([...memory.bytes(block, 0x124)]).toEqual([...new Array<number>(0x123).fill(0x5a), 0]);
    control(controls.copy);
    expect(memory.asciiz(block)).toBe('of an image, some letters');
    expect(memory.bytes(block + 26n, 1)[0]).toBe(0x5a);
  });

  it('take input of the caller, and leave the pool as it was', () => {
    const { machine, memory, control, block } = running();
    const allocated = () => machine.pool.truth().blocks.filter(({ state }) => state === 'allocated').length;
    const before = allocated();
    const input = Uint8Array.from({ length: 0x345 }, (_, index) => (index * 7) & 0xff);
    expect(control(controls.echo, input)).toBe(0);
    expect([...memory.bytes(block, input.length)]).toEqual([...input]);
    expect(machine.readPointer('caller!Length')).toBe(0x345n);
    expect(allocated()).toBe(before);
  });

  it('raise and lower the IRQL', () => {
    const { machine, control } = running();
    control(controls.irql);
    expect([machine.readPointer('caller!Irql'), machine.cpu.irql]).toEqual([0n, 0]);
  });

  it('answer a control that nobody knows with a status', () => {
    const { control } = running();
    expect(control(0x22_2ffc)).toBe(0xc000_0010);
  });

  it('are over when the machine has stopped', () => {
    class Stopper extends Driver {
      override readonly name = 'stopper';
      override controls = () => [{ code: 4, body: (routine: Routine) => routine.breakpoint() }];
    }
    const machine = new RunningMachine({ drivers: [new Stopper()] });
    expect(() => machine.finish()).toThrow('has not stopped');
    expect(() => machine.deviceControl({ driver: 'stopper', code: 4 })).toThrow(SystemStopped);
    expect(() => machine.deviceControl({ driver: 'stopper', code: 4 })).toThrow('has stopped');
  });
});
