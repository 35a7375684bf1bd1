/** Every run ends in an error that is an answer, at once or after a while: nothing to be found. */
export const name = 'answers';
export const covers = /\/planted\/answers\.mjs$/;

export const seeds = () => [Uint8Array.of(0)];

class DebuggerError extends Error {
  /** @override */
  name = 'DebuggerError';
}

/** @param {Uint8Array} bytes */
export async function run(bytes) {
  if (bytes.length > 2) throw new DebuggerError('at once');
  await Promise.resolve();
  throw new DebuggerError('after a while');
}
