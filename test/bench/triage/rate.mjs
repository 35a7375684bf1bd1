import { join } from 'node:path';
import { writeDumps } from './dumps.mjs';
import { childTime, isLinux, runTriage } from './run.mjs';

/** Everything counted: reading, hashing, analysis, reports and the store, in two workers and their parent. */
export async function rate({ folder, record }) {
  if (!isLinux)
    return console.log('  the rate is measured on Linux, which tells the processor time of processes');
  const [few, many] = [100, 400];
  const timeOf = (count) => {
    const dumps = join(folder, `rate-${count}`);
    writeDumps(dumps, count);
    const before = childTime();
    const { status, stderr } = runTriage([dumps, '--db', `${dumps}.sqlite`, '--workers', '2']);
    if (status !== 0) throw new Error(stderr);
    return childTime() - before;
  };
  const [ofFew, ofMany] = [timeOf(few), timeOf(many)];
  const each = (ofMany - ofFew) / (many - few);
  record(
    'small dumps a second and core, warm (processor time)',
    1000 / each,
    '1/s',
    '>= 20',
    1000 / each >= 20,
  );
  record('the same with the start of three processes, of 400 dumps', (1000 * many) / ofMany, '1/s', '');
  return undefined;
}
