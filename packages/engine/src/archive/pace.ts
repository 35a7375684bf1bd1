import { DebuggerError } from '../base/index.ts';
import type { UnpackOptions } from './unpack-options.ts';

/** Shows progress and stops when asked. */
export class Pace {
  readonly #options: Pick<UnpackOptions, 'onProgress' | 'signal'>;

  constructor(options: Pick<UnpackOptions, 'onProgress' | 'signal'>) {
    this.#options = options;
  }

  /** Bytes done, and bytes to be done: 0 where that is not known. Throws INTERRUPTED. */
  async step(done: number, total: number): Promise<void> {
    if (this.#options.signal?.aborted === true) {
      throw new DebuggerError('INTERRUPTED', 'unpacking the archive was stopped');
    }
    await this.#options.onProgress?.(done, total);
  }
}
