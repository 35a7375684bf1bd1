import { lineText } from '../../packages/engine/dist/index.js';

/**
 * No answer tells of values that are none.
 * @param {string} line
 * @param {import('../../packages/engine/dist/index.js').CommandResult} result
 */
export function checkAnswer(line, { lines }) {
  const wrong = lines.map(lineText).find((text) => /\bNaN\b|\bundefined\b|\[object |Infinity/.test(text));
  if (wrong !== undefined) throw new Error(`${line} says: ${wrong}`);
}
