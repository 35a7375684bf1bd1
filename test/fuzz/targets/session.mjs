import { analyzePage, BufferSource, openSession } from '../../../packages/engine/dist/index.js';
import { buildMachine, dumpBytes } from '../../../packages/lab/dist/index.js';
import { attempt } from '../runner.mjs';

/** The whole engine over small dumps: opening, the report, and commands of the console. */
export const name = 'session';
export const iterations = 800;

export const seeds = () =>
  /** @type {const} */ (['x64', 'x86', 'arm64']).map((architecture, index) =>
    dumpBytes(buildMachine({ architecture }), {
      type: 'triage',
      family: /** @type {const} */ (['A', 'B', 'C'])[index],
    }),
  );

const commands = [
  '.bugcheck',
  '!analyze -v',
  'r',
  'kn',
  'lm v',
  '.exr -1',
  'u',
  'db @$csp',
  'dps @$csp',
  'da @$csp',
  '? poi(@$csp)',
];

/** @param {Uint8Array} bytes */
export async function run(bytes) {
  const session = await openSession(new BufferSource(bytes));
  const { report } = session.analyze({ redact: true });
  JSON.stringify(report);
  analyzePage(report);
  for (const command of commands) attempt(() => session.execute(command));
}
