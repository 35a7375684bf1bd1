import { spawn } from 'node:child_process';

/**
 * Milliseconds from the start of the program to its answer to the first line of a pipe: node, the engine, opening the dump.
 * @param {string} program
 * @param {string} dump
 * @returns {Promise<number>}
 */
export function promptReadyMs(program, dump) {
  const start = performance.now();
  const child = spawn(process.execPath, [program, 'debug', dump], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end('q\n');
  return new Promise((resolve, reject) => {
    let output = '';
    let ready = 0;
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (ready === 0 && output.includes('kd> ')) ready = performance.now() - start;
    });
    child.on('error', reject);
    child.on('close', () => (ready > 0 ? resolve(ready) : reject(new Error(`no prompt: ${output}`))));
  });
}
