// A step of CI that fails when a dump of a test machine blames the driver under test. It reads the reports of poolscope:
//
//   poolscope analyze --json --symbols build/symbols dumps/*.dmp | node examples/ci/blames.mjs mydriver.sys
//
// Exit code 0: no dump blames it. 1: some dump does. 2: wrong usage, or a line that is no report.

import { createInterface } from 'node:readline';

/** From this score on a suspect is taken seriously. */
const enough = 0.5;

const [driver] = process.argv.slice(2);
if (driver === undefined) {
  process.stderr.write('usage: poolscope analyze --json FILE... | node blames.mjs DRIVER.sys\n');
  process.exit(2);
}

let [reports, blamed] = [0, 0];
/** One dump is one indented object, several are one object a line: both are read. */
let text = '';
for await (const line of createInterface({ input: process.stdin })) {
  text += `${line}\n`;
  if (line !== '}' && !(line.startsWith('{') && line.endsWith('}'))) continue;
  judge(parse(text));
  text = '';
}
if (text.trim() !== '') parse(text);
process.stdout.write(`${reports} dumps, ${blamed} blame ${driver}\n`);
process.exitCode = blamed > 0 ? 1 : 0;

/** @param {import('@poolscope/report').Report} report */
function judge({ dump, bugcheck, verdict, signature }) {
  reports++;
  const suspect = verdict.suspects.find(({ module }) => module.toLowerCase() === driver?.toLowerCase());
  if (suspect === undefined || suspect.score < enough) return;
  blamed++;
  process.stdout.write(
    `${dump.path}: ${bugcheck.name}\n  ${verdict.summary}\n  ${suspect.because.join('; ')}\n  ${signature}\n`,
  );
}

/** @param {string} json */
function parse(json) {
  try {
    return JSON.parse(json);
  } catch {
    process.stderr.write('this is no report of poolscope analyze --json\n');
    process.exit(2);
  }
}
