import { BufferSource, openSession } from '@poolscope/engine';
import { dumpBytes, kernelFamily } from '@poolscope/lab';
import { actorOf, type FleetOptions, playFleet } from '@poolscope/lab/fleet';
import { type CrashRow, rowOfReport } from '../../../packages/triage/src/suspects/index.ts';
import { imageName, type SimulatedFleet } from './simulate.ts';

/** A fleet whose crashes are played and whose dumps are written and analysed, as they would be in earnest. */
export async function playedFleet(options: FleetOptions): Promise<SimulatedFleet> {
  const fleet = playFleet(options);
  const rows: CrashRow[] = [];
  const culprits = new Map<string, string | undefined>();
  for (const { crash, machine } of fleet.play()) {
    const type = crash.machine.dump;
    const bytes = dumpBytes(machine, { type, family: kernelFamily(machine.profile.build) });
    const session = await openSession(new BufferSource(bytes));
    const id = `crash-${crash.number}`;
    rows.push(rowOfReport(session.analyze().report, { id, machine: crash.machine.name }));
    const actor = actorOf(crash);
    culprits.set(id, actor === undefined ? undefined : imageName(actor));
  }
  return { plan: fleet, rows, culprits };
}

/** How many of the dumps of crashes by a driver name it first, name another first, or name nobody. */
export function namedIn({ rows, culprits }: SimulatedFleet): {
  readonly right: number;
  readonly wrong: number;
  readonly nobody: number;
} {
  const tally = { right: 0, wrong: 0, nobody: 0 };
  for (const { id, kind, suspects } of rows) {
    const culprit = culprits.get(id);
    if (culprit === undefined || kind === 'not-pool') continue;
    const [first] = suspects;
    if (first === undefined) tally.nobody++;
    else if (first.module === culprit) tally.right++;
    else tally.wrong++;
  }
  return tally;
}
