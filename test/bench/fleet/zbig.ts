import { type CrashRow, FleetSuspects } from '../../../packages/triage/src/suspects/index.ts';

let state = 7;
const rnd = () => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return state / 2 ** 32;
};
const machines = 20000,
  rowsN = 100000,
  mods = 180;
const share = Array.from({ length: mods }, (_, i) => (i < 100 ? 1 : rnd() ** 2));
const sets = Array.from({ length: machines }, () =>
  share.flatMap((s, i) => (rnd() < s ? [{ module: `d${i}.sys`, version: `v${Math.floor(rnd() * 4)}` }] : [])),
);
const withBad = sets
  .map((s, i) => [s.some((d) => d.module === 'd150.sys'), i] as const)
  .filter(([a]) => a)
  .map(([, i]) => i);
const rows: CrashRow[] = Array.from({ length: rowsN }, (_, i) => {
  const guilty = rnd() < 0.3;
  const m = guilty ? withBad[Math.floor(rnd() * withBad.length)]! : Math.floor(rnd() * machines);
  return {
    id: `${i}`,
    bucket: guilty ? `g${Math.floor(rnd() * 40)}` : `b${Math.floor(rnd() ** 2 * 2000)}`,
    machine: `m${m}`,
    time: null,
    build: 1,
    kind: rnd() < 0.02 ? 'single-bit-error' : 'pool-overrun',
    confidence: 0.9,
    suspects: [],
    drivers: sets[m]!,
    tags: [],
    payload: null,
  };
});
console.log('d150 share', share[150]);
let t = performance.now();
const f = new FleetSuspects(rows);
console.log('construct', performance.now() - t);
t = performance.now();
const all = f.all();
console.log(
  'all',
  performance.now() - t,
  all.suspects.map((s) => [s.module, s.probability.toFixed(3)]),
);
t = performance.now();
const b = f.bucket('g3');
console.log(
  'bucket',
  performance.now() - t,
  b.crashes,
  b.suspects.map((s) => [s.module, s.probability.toFixed(3)]),
);
t = performance.now();
f.bucket('g4');
f.bucket('b5');
console.log('2 buckets', performance.now() - t);
console.log(process.memoryUsage().heapUsed / 1e6);
