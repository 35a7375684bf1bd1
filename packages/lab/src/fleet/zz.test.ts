import { expect, test } from 'vitest';
import { BufferSource, openSession } from '/work/main/packages/engine/src/index.ts';
import { dumpBytes, kernelFamily } from '/work/main/packages/lab/src/index.ts';
import { playFleet } from './index.ts';

test('x', async () => {
  const fleet = playFleet({ seed: 3, machines: 60, crashes: 14, guilty: 1 });
  console.log(JSON.stringify(fleet.guilty));
  for (const { crash, machine } of fleet.play()) {
    const t = performance.now();
    const type = crash.machine.dump;
    const bytes = dumpBytes(machine, { type, family: kernelFamily(machine.profile.build) });
    const session = await openSession(new BufferSource(bytes), {});
    const { report } = session.analyze();
    console.log(
      crash.machine.name,
      crash.machine.build,
      crash.machine.drivers.length,
      crash.cause,
      crash.scenario,
      crash.culprit,
      type,
      report.verdict.kind,
      report.verdict.confidence.toFixed(2),
      JSON.stringify(report.verdict.suspects.map((x) => [x.module, x.score])),
      report.signature,
      report.dump.crashTime,
      (performance.now() - t).toFixed(0),
    );
  }
  expect(1).toBe(1);
});
