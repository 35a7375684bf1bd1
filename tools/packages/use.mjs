// Uses every package by its name, as somebody who installed them would. It is copied to where they are.
import { writeFileSync } from 'node:fs';
import { BufferSource, openSession } from '@poolscope/engine';
import { version } from '@poolscope/engine/base';
import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { planFleet } from '@poolscope/lab/fleet';
import { createServer, DumpHere } from '@poolscope/mcp';
import { reportSchema } from '@poolscope/report';

const scenario = scenarios.find(({ name }) => name === 'double-free');
if (scenario === undefined) throw new Error('the lab has no double free');
const bytes = dumpBytes(playScenario(scenario, { seed: 1 }), { type: 'bitmap-kernel' });
writeFileSync('crash.dmp', bytes);
const session = await openSession(new BufferSource(bytes), { path: 'crash.dmp' });
const { report } = session.analyze();
if (report.schema !== reportSchema.properties.schema.const || report.tool.version !== version)
  throw new Error('the packages do not belong together');
const server = createServer({ allow: ['.'], open: async () => new DumpHere(session) });
await server.close();
if (planFleet({ machines: 40, crashes: 1, guilty: 1, seed: 1 }).crashes.length !== 1)
  throw new Error('no fleet');
await import('@poolscope/triage');
process.stdout.write(`${report.verdict.kind}\n`);
