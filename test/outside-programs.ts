import { execFileSync } from 'node:child_process';

/** Is a program of somebody else installed here? Tests that compare with one are skipped without it. */
export function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
