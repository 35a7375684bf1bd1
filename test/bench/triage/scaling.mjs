import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeDumps } from './dumps.mjs';
import { runTriage } from './run.mjs';

const bareScript = fileURLToPath(new URL('bare.mjs', import.meta.url));
const rounds = 3;

const bare = (folder, first, end) =>
  new Promise((resolve, reject) => {
    const args = [bareScript, folder, String(first), String(end)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`bare analysis: ${code}`))));
  });

async function timeOf(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Each round measures all four, so that what else the machine does meets all of them; the medians are compared. */
export async function scaling({ folder, record, dumps: count }) {
  const dumps = join(folder, 'scaling');
  writeDumps(dumps, count);
  const half = count / 2;
  const times = { bareOne: [], bareTwo: [], one: [], two: [] };
  const triage = (workers, round) => {
    const db = join(folder, `scaling-${workers}-${round}.sqlite`);
    const { status, stderr } = runTriage([dumps, '--db', db, '--workers', String(workers)]);
    if (status !== 0) throw new Error(stderr);
  };
  for (let round = 0; round < rounds; round++) {
    times.bareOne.push(await timeOf(() => bare(dumps, 0, count)));
    times.bareTwo.push(await timeOf(() => Promise.all([bare(dumps, 0, half), bare(dumps, half, count)])));
    times.one.push(await timeOf(() => triage(1, round)));
    times.two.push(await timeOf(() => triage(2, round)));
  }
  const least = (all) => Math.min(...all);
  const ofBare = least(times.bareOne) / least(times.bareTwo);
  const ofTriage = least(times.one) / least(times.two);
  record('two bare analyses against one', ofBare, 'x', '');
  record('two workers of triage against one', ofTriage, 'x', '');
  const ratio = ofTriage / ofBare;
  record('scaling of two workers against that of two bare analyses', ratio, 'x', '>= 0.9', ratio >= 0.9);
}
