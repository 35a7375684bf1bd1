import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './run.mjs';
import { filesBelow } from './stamp.mjs';

/**
 * Runs the commands that stand in the guide, and writes what they answer below them; `--check` only compares. It uses the built
 * command line, in one process and in an empty folder. Two kinds of fenced blocks are run:
 *
 *     ```console                  $ poolscope lab run article-1 --out part1.dmp --symbols-out symbols
 *     ```kd part1.dmp symbols     kd> !pool @rcx
 *
 * All `kd` blocks of a page over one dump are one session. `head=N` and `tail=N` in the info string keep that many lines of each
 * answer, and `...` stands for the others.
 */

const folder = join(root, 'docs', 'guide');
const fence = /^(```+)(console|kd)\b(.*)\n([\s\S]*?)^\1$/gm;

/** @typedef {{ open: string, kind: string, info: string, commands: string[] }} Block */

/** @param {string} text @returns {Block[]} */
function blocksOf(text) {
  return [...text.matchAll(fence)].map(([, open = '', kind = '', info = '', body = '']) => {
    const prompt = kind === 'kd' ? 'kd> ' : '$ ';
    const commands = body
      .split('\n')
      .flatMap((line) => (line.startsWith(prompt) ? [line.slice(prompt.length)] : []));
    return { open, kind, info: info.trim(), commands };
  });
}

/** The text of a page with answers as they are now. @param {string} text */
async function filled(text) {
  const blocks = blocksOf(text);
  const answers = await answersOf(blocks);
  let index = 0;
  return text.replaceAll(fence, (_all, open) => {
    const block = /** @type {Block} */ (blocks[index]);
    const body = /** @type {string[]} */ (answers[index++]);
    const info = block.info === '' ? '' : ` ${block.info}`;
    return `${open}${block.kind}${info}\n${body.join('\n')}\n${open}`;
  });
}

/** @param {readonly Block[]} blocks */
async function answersOf(blocks) {
  /** @type {Map<string, string[][]>} */
  const sessions = new Map();
  /** @type {string[][]} */
  const answers = [];
  for (const block of blocks) {
    /** @type {string[]} */
    const lines = [];
    for (const command of block.commands) {
      const answer =
        block.kind === 'console' ? await runLine(command) : await nextOf(sessions, block, blocks);
      lines.push(`${block.kind === 'kd' ? 'kd> ' : '$ '}${command}`, ...cut(answer, block.info));
    }
    answers.push(lines);
  }
  return answers;
}

/**
 * The answer to the next command of a session, which runs as a whole when its first one is asked for.
 * @param {Map<string, string[][]>} sessions
 * @param {Block} block
 * @param {readonly Block[]} blocks
 */
async function nextOf(sessions, block, blocks) {
  const [dump = '', ...words] = block.info.split(' ');
  let left = sessions.get(dump);
  if (left === undefined) {
    const commands = blocks
      .filter(({ kind, info }) => kind === 'kd' && info.split(' ')[0] === dump)
      .flatMap((each) => each.commands);
    left = await runSession(dump, commands, words.includes('symbols'));
    sessions.set(dump, left);
  }
  return left.shift() ?? [];
}

/** @type {Map<string, string[][]>} */
const remembered = new Map();

/** @param {string} dump @param {readonly string[]} commands @param {boolean} withSymbols */
async function runSession(dump, commands, withSymbols) {
  const args = ['debug', dump, ...(withSymbols ? ['--symbols', 'symbols'] : [])];
  const key = JSON.stringify([args, commands, played.get(dump)]);
  const known = remembered.get(key);
  if (known !== undefined) return known.map((answer) => [...answer]);
  const output = await runProgram([...args, ...commands.flatMap((command) => ['-c', command])]);
  /** @type {string[][]} */
  const answers = [];
  for (const line of output) {
    if (line === `kd> ${commands[answers.length]}`) answers.push([]);
    else answers.at(-1)?.push(line);
  }
  remembered.set(
    key,
    answers.map((answer) => [...answer]),
  );
  return answers;
}

/** How each dump that is there came about: played again only when it is another one. @type {Map<string, string>} */
const played = new Map();
/** @type {Map<string, string[]>} */
const answered = new Map();

/** A line of the shell: one run of the program. @param {string} line */
async function runLine(line) {
  const words = line.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  const [name, ...args] = words.map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
  if (name !== 'poolscope') throw new Error(`the guide can run poolscope only, not: ${line}`);
  const out = args[args.indexOf('--out') + 1] ?? '';
  const isPlay = args[0] === 'lab' && args[1] === 'run';
  const known = answered.get(line);
  if (known !== undefined && (!isPlay || played.get(out) === line)) return known;
  const answer = await runProgram(args);
  if (isPlay) played.set(out, line);
  if (isPlay || args[0] === 'lab') answered.set(line, answer);
  return answer;
}

/** The lines that the program prints. @param {readonly string[]} args */
async function runProgram(args) {
  const { buildProgram } = await import(join(root, 'packages/cli/dist/program.js'));
  let text = '';
  const { write } = process.stdout;
  process.stdout.write = /** @type {typeof write} */ (
    (/** @type {string | Uint8Array} */ piece, /** @type {unknown[]} */ ...rest) => {
      text += typeof piece === 'string' ? piece : Buffer.from(piece).toString('utf8');
      for (const each of rest) if (typeof each === 'function') each();
      return true;
    }
  );
  try {
    await buildProgram().parseAsync(['node', 'poolscope', ...args]);
  } finally {
    process.stdout.write = write;
  }
  if ((process.exitCode ?? 0) !== 0) throw new Error(`poolscope ${args.join(' ')} failed`);
  return text
    .replace(/\n+$/, '')
    .split('\n')
    .map((line) => line.trimEnd());
}

/** @param {readonly string[]} lines @param {string} info */
function cut(lines, info) {
  const head = Number(/\bhead=(\d+)/.exec(info)?.[1] ?? Number.NaN);
  const tail = Number(/\btail=(\d+)/.exec(info)?.[1] ?? Number.NaN);
  const kept = (Number.isNaN(head) ? 0 : head) + (Number.isNaN(tail) ? 0 : tail);
  if (kept === 0 || lines.length <= kept + 1) return lines;
  return [...lines.slice(0, head || 0), '...', ...(tail > 0 ? lines.slice(-tail) : [])];
}

/** @param {boolean} isCheck @param {readonly string[]} wanted pages; none: all */
async function main(isCheck, wanted) {
  Object.assign(process.env, { NO_COLOR: '1', _NT_SYMBOL_PATH: '', _NT_ALT_SYMBOL_PATH: '' });
  delete process.env['npm_command'];
  // Each run of the program listens for Ctrl-C.
  process.setMaxListeners(0);
  const workplace = mkdtempSync(join(tmpdir(), 'poolscope-guide-'));
  const before = process.cwd();
  process.chdir(workplace);
  let stale = 0;
  try {
    const pages = [join(root, 'README.md'), ...filesBelow(folder).filter((path) => path.endsWith('.md'))];
    for (const page of wanted.length === 0 ? pages : wanted.map((path) => resolve(before, path))) {
      const text = readFileSync(page, 'utf8');
      // Pages that are no part of this have such blocks without a dump, or none.
      if (!text.includes('<!-- guide: run -->')) continue;
      const now = await filled(text);
      if (now === text) continue;
      stale++;
      if (isCheck)
        process.stdout.write(
          `${relative(root, page)} is not what poolscope answers now${difference(text, now)}\n`,
        );
      else writeFileSync(page, now);
    }
  } finally {
    process.chdir(before);
    rmSync(workplace, { recursive: true, force: true });
  }
  if (!isCheck) return;
  process.stdout.write(
    stale === 0 ? 'the guide is current\n' : 'run node tools/make-guide.mjs, and look at the diff\n',
  );
  process.exitCode = stale === 0 ? 0 : 1;
}

/** The first line that differs. @param {string} text @param {string} now */
function difference(text, now) {
  const [old, lines] = [text.split('\n'), now.split('\n')];
  const at = lines.findIndex((line, index) => line !== old[index]);
  return `, from line ${at + 1}:\n  - ${old[at] ?? ''}\n  + ${lines[at] ?? ''}`;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  await main(
    args.includes('--check'),
    args.filter((each) => each !== '--check'),
  );
}
