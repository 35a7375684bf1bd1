import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measure, measuredText } from './measure.ts';

const { values: options } = parseArgs({
  options: {
    measure: { type: 'boolean', default: false },
    each: { type: 'string', default: '8' },
    first: { type: 'string', default: '1' },
  },
});

if (options.measure) {
  const measured = await measure({
    each: Number(options.each),
    first: Number(options.first),
    onProgress: (done) => process.stderr.write(`${done}\n`),
  });
  writeFileSync('packages/lab/src/fleet/tables/measured.ts', measuredText(measured));
}
