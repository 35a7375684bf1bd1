// Analyses one file after the other, with nothing around it: FOLDER FIRST END.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BufferSource, openSession } from '../../../packages/engine/dist/index.js';

const [folder = '', first = '0', end = '0'] = process.argv.slice(2);
for (let number = Number(first); number < Number(end); number++) {
  const bytes = readFileSync(join(folder, `${number}.dmp`));
  const session = await openSession(new BufferSource(bytes), { path: `${number}.dmp` });
  JSON.stringify(session.analyze());
}
