import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs a program to its end and keeps what it printed, both streams in order of arrival.
 * A program that cannot be started counts as failed. It does not outlive this process.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, shell?: boolean }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const stop = () => child.kill();
    process.once('exit', stop);
    let output = '';
    /** @param {number} code */
    const end = (code) => {
      process.removeListener('exit', stop);
      resolve({ code, output });
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        output += text;
      });
    }
    child.on('error', (error) => {
      output += `${command}: ${error.message}\n`;
      end(1);
    });
    child.on('close', (code) => end(code ?? 1));
  });
}

/**
 * Script of an installed tool, to be run by this Node: no shell and no `.cmd` file is involved.
 * @param {string} packageName
 * @param {string} [bin] where the package has several
 */
export function toolScript(packageName, bin) {
  const folder = join(root, 'node_modules', packageName);
  const { bin: bins } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const path = typeof bins === 'string' ? bins : bins[bin ?? Object.keys(bins)[0] ?? ''];
  return join(folder, path);
}

/**
 * Runs an installed tool with this Node.
 * @param {string} packageName
 * @param {readonly string[]} args
 * @param {string} [bin]
 */
export const runTool = (packageName, args, bin) =>
  run(process.execPath, [toolScript(packageName, bin), ...args]);
