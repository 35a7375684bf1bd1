import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The built command line. */
export const programPath = fileURLToPath(new URL('../../packages/cli/bin/poolscope.mjs', import.meta.url));

/** What this machine's debuggers are set to must not lead a test to other files, or to a server. */
export const noSymbolPath = { _NT_SYMBOL_PATH: '', _NT_ALT_SYMBOL_PATH: '', _NT_EXECUTABLE_IMAGE_PATH: '' };

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line in its own process, without colours. */
export function runPoolscope(
  args: readonly string[],
  options: { readonly input?: string; readonly cwd?: string } = {},
): Outcome {
  const env: NodeJS.ProcessEnv = { ...process.env, ...noSymbolPath, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [programPath, ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
    env,
    ...options,
  });
  return { code: status, stdout, stderr };
}
