import { buildMachine, dumpBytes, type MachineOptions } from '@poolscope/lab';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasShared, openShared } from '../../../../test/shared-files.ts';
import { BufferSource, DebuggerError, lineText, openSession, RegisterSet, type Session } from '../index.ts';
import { formattedElements, parseRegisterFormat } from './register-format.ts';
import { registerLines } from './registers.ts';

type Kind = Parameters<typeof dumpBytes>[1]['type'];

const open = (options: MachineOptions, type: Kind): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(buildMachine(options), { type })));

const textOf = (session: Session, command: string): string =>
  session.execute(command).lines.map(lineText).join('\n');

let session: Session;
beforeAll(async () => {
  session = await open({}, 'bitmap-kernel');
});

describe('r', () => {
  it('sets variables one after the other, each with the value of the one before', () => {
    session.execute('r $t0 = 5, $t1=@$t0*2 ,$t2 = @$t1 + @$t0');
    expect(['$t0', '$t1', '$t2'].map((name) => session.register(name))).toEqual([5n, 0xan, 0xfn]);
    expect(textOf(session, 'r @$t1, $T2')).toBe('$t1=000000000000000a $t2=000000000000000f');
  });

  it('shows what it is asked for among what it sets', () => {
    expect(textOf(session, 'r $t5 = 1, $t5 zf')).toBe(`$t5=0000000000000001 zf=${session.register('zf')}`);
  });

  it('leaves fixed-name aliases to the script language', () => {
    session.execute('r $.u3 = 4');
    expect(session.execute('? $u3 + 1').data).toBe(5n);
    expect(() => session.execute('r $.u3')).toThrow(expect.objectContaining({ code: 'NAME_UNKNOWN' }));
  });

  it('changes no register', () => {
    const before = session.execute('r').data;
    for (const command of ['r rax=5', 'r $ip = 0', 'r zf=1', 'r rbx=1, rcx=2'])
      expect(() => session.execute(command)).toThrow(expect.objectContaining({ code: 'COMMAND_USAGE' }));
    expect(session.execute('r').data).toEqual(before);
  });

  it('shows parts of a register that put it together', () => {
    const value = (name: string) => session.register(name)!;
    for (const letter of ['a', 'b', 'c', 'd']) {
      expect(value(`e${letter}x`)).toBe(value(`r${letter}x`) & 0xffff_ffffn);
      expect((value(`${letter}h`) << 8n) | value(`${letter}l`)).toBe(value(`${letter}x`));
    }
    expect(value('r9d') & 0xffffn).toBe(value('r9w'));
  });

  it('ends with an answer or a DebuggerError whatever is typed', () => {
    const word = fc.constantFrom(
      'r',
      'rM',
      'rm',
      'rF',
      'r.',
      '.cxr',
      '.trap',
      '.exr',
      '.formats',
      '?',
      'n',
      '.effmach',
    );
    const rest = fc.array(
      fc.constantFrom(
        'rax',
        'xmm0',
        ':',
        '16ub',
        '=',
        '$t1',
        ',',
        ' ',
        '@',
        '$.u1',
        '"',
        'zf',
        '1ff',
        '(',
        'poi',
        'nt',
        'L',
        '-',
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(word, rest, (name, parts) => {
        try {
          expect(Array.isArray(session.execute(`${name} ${parts.join('')}`).lines)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(DebuggerError);
        }
        session.console.radix = 16;
      }),
    );
    session.execute('.cxr');
  });
});

/** The words of the block, by the documentation of the flags; x64 has those of parity the other way round. */
const words = [
  [11, 'ov', 'nv'],
  [10, 'dn', 'up'],
  [9, 'ei', 'di'],
  [7, 'ng', 'pl'],
  [6, 'zr', 'nz'],
  [4, 'ac', 'na'],
  [2, 'po', 'pe'],
  [0, 'cy', 'nc'],
] as const;

describe('the words of the flags', () => {
  it('tell every flag', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), (efl) => {
        const registers = new RegisterSet('x64', [['efl', BigInt(efl)]]);
        const line = registerLines({ registers, kind: 'trap' }).at(-1)!;
        const expected = words.map(([bit, set, clear]) => ((efl >> bit) & 1 ? set : clear)).join(' ');
        expect(line).toBe(`iopl=${(efl >> 12) & 3}         ${expected}`);
      }),
    );
  });

  it('have those of parity right on x86', () => {
    const line = (efl: bigint) =>
      registerLines({ registers: new RegisterSet('x86', [['efl', efl]]), kind: 'context' })[1];
    expect(line(0x246n)).toMatch(/nv up ei pl zr na pe nc$/);
    expect(line(0x202n)).toMatch(/nv up ei pl nz na po nc$/);
  });
});

describe('the elements of a register', () => {
  it('put together give its value, the highest one first', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 128n) - 1n), fc.constantFrom('b', 'w', 'd', 'q'), (value, size) => {
        const unsigned = formattedElements(value, 128, parseRegisterFormat(`u${size}`)!);
        expect(BigInt(`0x${unsigned.replaceAll(' ', '')}`)).toBe(value);
        const bits = BigInt({ b: 8, w: 16, d: 32, q: 64 }[size]!);
        const signed = formattedElements(value, 128, parseRegisterFormat(`i${size}`)!).split(' ');
        const again = signed.reduce(
          (all, each) => (all << bits) | BigInt.asUintN(Number(bits), BigInt(each)),
          0n,
        );
        expect(again).toBe(value);
      }),
    );
  });

  it('are the low ones when fewer are asked for', () => {
    expect(formattedElements(0x44332211n, 32, parseRegisterFormat('2ub')!)).toBe('22 11');
    expect(formattedElements(0x3f8ccccdn, 32, parseRegisterFormat('f')!)).toBe('1.1');
    expect(formattedElements(0x4014666666666666n, 64, parseRegisterFormat('d')!)).toBe('5.1');
  });

  it.each(['', 'u', 'b', 'ux', '1', 'uub', 'f2', '123ub'])('has no type %s', (text) => {
    expect(parseRegisterFormat(text)).toBeUndefined();
  });
});

describe('pseudo registers', () => {
  it('follow the frame that was chosen', () => {
    const frames = session.system.stackFrom(session.console.scope!.registers);
    session.execute('.frame 3');
    expect(session.evaluate('.')).toBe(frames[3]!.ip);
    expect(session.evaluate('$scopeip')).toBe(frames[3]!.ip);
    expect(session.evaluate('$ra')).toBe(frames[3]!.returnAddress);
    expect(session.evaluate('$ip')).toBe(frames[0]!.ip);
    expect(session.evaluate('$frame')).toBe(3n);
    session.execute('.cxr');
    expect(session.evaluate('.')).toBe(frames[0]!.ip);
  });

  it('tell the thread that ran, as the lab made it', () => {
    const type = session.system.types!.find('_ETHREAD')!;
    const thread = session.evaluate('@$thread');
    const cid = thread + BigInt(type.offset('Cid')!);
    expect(session.evaluate('$tpid')).toBe(session.evaluate(`poi(0x${cid.toString(16)})`));
    expect(session.evaluate('$tid')).toBe(session.evaluate(`poi(0x${(cid + 8n).toString(16)})`));
  });

  it('give the memory operand of the current instruction', () => {
    session.execute('.ecxr');
    expect(session.evaluate('$ea')).toBe(session.evaluate('@rax + 8'));
    expect(() => session.evaluate('$ea2')).toThrow(expect.objectContaining({ code: 'REGISTER_UNKNOWN' }));
    session.execute('.cxr');
  });

  it('have 64 bits at most in expressions', () => {
    for (const name of ['xmm0', 'st0'])
      expect(() => session.evaluate(`@${name}`)).toThrow(
        expect.objectContaining({ code: 'REGISTER_UNKNOWN' }),
      );
    expect(session.evaluate('@mm0')).toBe(session.register('mm0'));
  });

  it('remember the last value', () => {
    session.execute('? 1+1');
    expect(session.execute('? @$exp * 2').data).toBe(4n);
    expect(session.execute('? @$exp * 2').data).toBe(8n);
  });

  it('are the edx:eax pair, and sign-extended 32-bit registers, on x86', async () => {
    const x86 = await open({ architecture: 'x86' }, 'full');
    const [eax, edx] = [x86.register('eax')!, x86.register('edx')!];
    expect(x86.evaluate('$retreg64')).toBe(((edx & 0xffff_ffffn) << 32n) | (eax & 0xffff_ffffn));
    expect(x86.evaluate('@esp')).toBe(BigInt.asUintN(64, BigInt.asIntN(32, x86.register('esp')!)));
    expect(x86.evaluate('@esp') >> 32n).toBe(0xffff_ffffn);
  });
});

describe('.ecxr', () => {
  it('uses the registers of the fault on every kind of crash', async () => {
    for (const crash of ['service-exception', 'page-fault', 'system-thread'] as const) {
      const each = await open({ crash }, 'bitmap-kernel');
      each.execute('.ecxr');
      const index = each.system.bugCheck.roles.indexOf('ip');
      expect(each.evaluate('$ip'), crash).toBe(each.system.target.parameterAddress(index));
    }
  });

  it('says that a crash without an exception has none', async () => {
    const free = await open({ crash: 'pool-free' }, 'full');
    expect(() => free.execute('.ecxr')).toThrow(expect.objectContaining({ code: 'NO_EXCEPTION_CONTEXT' }));
  });

  it
    .skipIf(!hasShared)
    .each(['training_d1.dmp', 'training_50_0.dmp', 'training_7e_1.dmp', 'training_1e.dmp'])(
    'finds the instruction that %s names',
    async (name) => {
      const real = await openShared(name);
      real.execute('.ecxr');
      const index = real.system.bugCheck.roles.indexOf('ip');
      expect(real.evaluate('$ip')).toBe(real.system.target.parameterAddress(index));
    },
  );
});

describe('.trap', () => {
  it('doubts a frame whose code selector is none of Windows', () => {
    const text = textOf(session, '.trap nt');
    expect(text).toContain('This may be no trap frame');
    expect(session.register('r12')).toBeUndefined();
    session.execute('.trap');
    expect(session.register('r12')).toBeDefined();
  });
});
