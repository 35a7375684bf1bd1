import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const program = fileURLToPath(new URL('../../../packages/cli/bin/poolscope.mjs', import.meta.url));

/** Milliseconds of processor time of all processes that have ended below this one; Linux tells. */
export function childTime() {
  const fields = readFileSync('/proc/self/stat', 'utf8').replace(/^.*\)/s, '').trim().split(' ');
  // cutime and cstime, in hundredths of a second; the fields begin with the third.
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

export const isLinux = existsSync('/proc/self/stat');

/** @param {readonly string[]} args */
export function runTriage(args) {
  const { status, stderr } = spawnSync(process.execPath, [program, 'triage', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return { status, stderr };
}

/**
 * Runs triage and looks at the memory of its processes every second: megabytes of the parent, and of the largest worker.
 * @param {readonly string[]} args
 * @param {(line: string) => void} onLine
 */
export function watchTriage(args, onLine) {
  const child = spawn(process.execPath, [program, 'triage', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const samples = [];
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
    onLine(text);
  });
  const timer = setInterval(() => {
    const workers = childrenOf(child.pid);
    samples.push({ parent: residentOf(child.pid), worker: Math.max(0, ...workers.map(residentOf)) });
  }, 1000);
  return new Promise((resolve) => {
    child.once('close', (status) => {
      clearInterval(timer);
      resolve({ status, stderr, samples });
    });
  });
}

function residentOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function childrenOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
        .trim()
        .split(' ')
        .filter(Boolean)
        .map(Number),
    );
  } catch {
    return [];
  }
}
