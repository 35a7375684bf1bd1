/**
 * `npm test` and `npm run check`: every check there is. A failed one does not hide the others.
 * `node tools/check.mjs lint tests` runs only these.
 */
import './node-version.mjs';

const { setUp } = await import('./set-up.mjs');
const { runSteps } = await import('./steps.mjs');
const { steps } = await import('./checks.mjs');

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));

if (unknown.length > 0) {
  const names = steps.map((step) => step.name).join(', ');
  process.stderr.write(`no check is called ${unknown.join(', ')}; there are: ${names}\n`);
  process.exitCode = 2;
} else if (await setUp({ build: false })) {
  const chosen = wanted.length === 0 ? steps : steps.filter((step) => wanted.includes(step.name));
  process.exitCode = await runSteps(chosen, (line) => process.stdout.write(`${line}\n`));
} else {
  process.exitCode = 1;
}
