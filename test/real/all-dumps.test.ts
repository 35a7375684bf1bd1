import { readdirSync, readFileSync } from 'node:fs';
import { DebuggerError, lineText } from '@poolscope/engine';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { hasShared, openShared, sharedBytes, sharedPath } from '../shared-files.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../docs/schema/poolscope.analysis-1.schema.json', import.meta.url), 'utf8'),
) as object;
const validate = new Ajv2020({ allErrors: true }).compile(schema);

const zeroFilled = 'criticalrocket_111217-47250-01.dmp';
const dumps = hasShared
  ? [
      ...readdirSync(sharedPath('dumps')).filter((name) => name.endsWith('.dmp')),
      'notmyfault_4a/083125-14875-01.dmp',
    ].filter((name) => name !== zeroFilled)
  : [];

/** The header's facts by plain arithmetic, apart from the engine. */
function plainFacts(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const driverList = view.getUint32(0x2030, true);
  return {
    build: view.getUint32(0x0c, true),
    code: view.getUint32(0x38, true),
    parameters: [0, 1, 2, 3].map((index) => `0x${view.getBigUint64(0x40 + index * 8, true).toString(16)}`),
    processors: view.getUint32(0x34, true),
    drivers: view.getUint32(0x2034, true),
    firstDriverBase: view.getBigUint64(driverList + 8 + 0x30, true),
    seconds: Number(view.getBigUint64(0x1030, true)) / 1e7,
    ip: view.getBigUint64(0x348 + (view.getUint32(0x30, true) === 0x8664 ? 0xf8 : 0x108), true),
    kernelBase: view.getBigUint64(view.getUint32(0x2070, true) + 0x18, true),
  };
}

describe.skipIf(!hasShared)('real dumps', () => {
  it('refuses the zero-filled file with one clear error', async () => {
    const error = await openShared(zeroFilled).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DebuggerError);
    expect((error as DebuggerError).code).toBe('DUMP_ALL_ZERO');
  });

  it.each(dumps)('%s: the report agrees with the file and with the schema', async (name) => {
    const session = await openShared(name);
    const { report } = session.analyze();
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    const plain = plainFacts(sharedBytes(`dumps/${name}`));
    expect(report.dump).toMatchObject({ format: 'triage', build: plain.build, processors: plain.processors });
    expect(report.dump.uptimeSeconds).toBeCloseTo(plain.seconds, 3);
    expect(report.bugcheck.code).toBe(`0x${plain.code.toString(16)}`);
    expect(report.bugcheck.parameters).toEqual(plain.parameters);
    expect(report.modules.length).toBe(plain.drivers);
    expect(report.modules[0]).toMatchObject({ name: 'nt', base: `0x${plain.firstDriverBase.toString(16)}` });
    expect(plain.kernelBase).toBe(plain.firstDriverBase);
    expect(session.system.processorContext?.value.ip).toBe(plain.ip);
    // In this one rcx is not what the recorded address says: the machine itself is in doubt.
    const doubts = name === 'training_d1.dmp' ? ['fault-contradiction'] : [];
    expect(report.warnings.map(({ rule }) => rule)).toEqual(doubts);
    expect(report.stack.length).toBeGreaterThan(0);
    expect(report.system.process).not.toBeNull();
  });

  it.each(dumps)(
    '%s: every frame says how it was found and lies in a module, or is the last',
    async (name) => {
      const session = await openShared(name);
      const { stack, modules } = session.analyze().report;
      stack.forEach((frame, index) => {
        const ip = BigInt(frame.ip);
        const inside = modules.some(
          (module) => ip >= BigInt(module.base) && ip < BigInt(module.base) + BigInt(module.size),
        );
        if (frame.trust === 'scan') expect(inside, `frame ${index}`).toBe(true);
        expect(frame.module !== null, `frame ${index}`).toBe(inside);
      });
      expect(stack[0]!.trust === 'context' || stack[0]!.trust === 'trap').toBe(true);
    },
  );

  it.each(dumps)('%s: the console answers its commands', async (name) => {
    const session = await openShared(name);
    for (const command of [
      'vertarget',
      '.bugcheck',
      'r',
      'k',
      'kn 5',
      'lm',
      'lm t n',
      'lmvm nt',
      'db @$csp',
      'dq @$csp L4',
      'dps @$csp L8',
      'u',
      '? @$ip',
      '.help',
    ]) {
      expect(session.execute(command.replace('@$', '$')).lines.map(lineText).join('\n'), command).not.toBe(
        '',
      );
    }
  });

  it('H-6 triage_x64: the faulting instruction, 151 modules, registers of the record at parameter 4', async () => {
    const session = await openShared('triage_x64.dmp');
    const { report } = session.analyze();
    expect(report.bugcheck.code).toBe('0x1000007e');
    expect(report.modules.length).toBe(151);
    expect(report.fault?.symbol).toBe('amdppm+0x334c');
    expect(session.system.records.registers?.address).toBe(BigInt(report.bugcheck.parameters[3]!));
    expect(session.system.records.registers?.values.ip).toBe(BigInt(report.fault!.ip!));
  });

  it('triage_arm64: 0x1C8, 245 modules, registers', async () => {
    const session = await openShared('triage_arm64.dmp');
    const { report } = session.analyze();
    expect(report.bugcheck.code).toBe('0x1c8');
    expect(report.dump.machine).toBe('arm64');
    expect(report.modules.length).toBe(245);
    expect(session.system.processorContext?.value.sp).toBe(0xffffe00e0e4bc4a0n);
  });

  it('training_1e: the records that the bug check does not name are found by code and address', async () => {
    const session = await openShared('training_1e.dmp');
    const { exception, registers } = session.system.records;
    expect(exception?.address).toBe(0xfffff80311a7d298n);
    expect(exception?.record).toMatchObject({ code: 0x80000003, address: 0xfffff80330ec2e68n });
    expect(registers?.values.ip).toBe(0xfffff80330ec2e68n);
    expect(session.analyze().report.fault?.instruction).toBe('int 3');
  });

  it('ojusha: the stack begins in nt at the instruction pointer of the context', async () => {
    const session = await openShared('ojusha-help_100623-4953-01.dmp');
    const [first] = session.analyze().report.stack;
    expect(first).toMatchObject({ frame: 0, module: 'nt', trust: 'context' });
    expect(BigInt(first!.ip)).toBe(session.system.processorContext?.value.ip);
  });
});
