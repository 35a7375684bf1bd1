import { getHeapStatistics } from 'node:v8';

/**
 * @typedef {object} Target
 * @property {string} name
 * @property {() => Uint8Array[] | Promise<Uint8Array[]>} seeds valid inputs to start from
 * @property {(bytes: Uint8Array) => unknown} run may return a promise
 * @property {number} [iterations] runs of a check, where the usual number takes too long or says too little
 * @property {RegExp} [covers] URLs of the scripts whose coverage counts, where it is not the built packages
 */

/**
 * @typedef {object} Find
 * @property {'exception' | 'memory' | 'hang'} kind
 * @property {string} key the same for what is likely the same fault
 * @property {string} message
 * @property {Uint8Array} bytes
 */

const megabyte = 1 << 20;
/** Memory that one run may take: a fixed amount, and so much for each byte of its input. */
const memoryAllowance = 64 * megabyte;
const memoryPerByte = 1024;

/**
 * One run; what is wrong with it, or undefined. A DebuggerError is an answer.
 * @param {Target} target
 * @param {Uint8Array} bytes
 * @returns {Promise<Find | undefined>}
 */
export async function runOnce(target, bytes) {
  const before = memory();
  try {
    const result = target.run(bytes);
    if (result instanceof Promise) await result;
  } catch (error) {
    if (!isAnswer(error)) return exception(error, bytes);
  }
  const grown = memory() - before;
  if (grown <= memoryAllowance + memoryPerByte * bytes.length) return undefined;
  const message = `${Math.round(grown / megabyte)} MB of memory for ${bytes.length} bytes of input`;
  return { kind: 'memory', key: 'memory', message, bytes };
}

/**
 * For a target that goes on after an answer: a command may have nothing to say.
 * @param {() => unknown} part
 */
export function attempt(part) {
  try {
    part();
  } catch (error) {
    if (!isAnswer(error)) throw error;
  }
}

/** @param {unknown} error */
const isAnswer = (error) => error instanceof Error && error.name === 'DebuggerError';

function memory() {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

/**
 * @param {unknown} error
 * @param {Uint8Array} bytes
 * @returns {Find}
 */
function exception(error, bytes) {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const place = /^\s+at .*$/m.exec(stack)?.[0].trim() ?? '';
  const name = error instanceof Error ? error.name : 'not an Error';
  return {
    kind: 'exception',
    key: `${name} ${place}`,
    message: stack.split('\n').slice(0, 6).join('\n'),
    bytes,
  };
}
