import {
  BufferSource,
  commands,
  lineText,
  openSession,
  Session,
} from '../../../packages/engine/dist/index.js';
import { buildMachine, dumpBytes } from '../../../packages/lab/dist/index.js';
import { attempt } from '../runner.mjs';

/**
 * Lines of commands at the prompt. An input is one byte for the dump, then text: bytes from 0x80 on choose a command's name
 * or another piece of the language by themselves and the byte behind them, all others are characters.
 */
export const name = 'console';
export const iterations = 600;

const sessions = await Promise.all(
  /** @type {const} */ ([
    ['x64', 'triage'],
    ['x64', 'bitmap-kernel'],
    ['x86', 'full'],
    ['arm64', 'triage'],
    ['x64', 'header'],
  ]).map(([architecture, type]) =>
    openSession(new BufferSource(dumpBytes(buildMachine({ architecture, memoryPages: 4096 }), { type }))),
  ),
);

const words =
  '.if .elsif .else .for .while .do .foreach .break .continue .block .catch .leave j z ( ) { } ; " \' $$ * @$t0 @$ip nt ' +
  'nt!KeBugCheckEx L4 L?ffffffff L-8 0n10 -1 poi(@$csp) @rsp @eax @sp fffff804`1c200000 0 1 + (1) (0) (@$t0<3) /s /f /x /c ' +
  '/ma /msu ${a} ${/d:a} ${/v:a} $u0 a b $.u0= = , "%p%ma\\n" script -1 -v * . ? [1] -a /pS /ps /r /c "text" \'x\' @@( ! !! ~0 s';
const pieces = [
  ...commands.flatMap(({ names }) => names),
  ...words.split(' '),
  ' ',
  '; ',
  '\n',
  ' { ',
  ' } ',
];

/** @param {Uint8Array} bytes */
function textOf(bytes) {
  let text = '';
  for (let at = 1; at < bytes.length && text.length < 4000; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) text += String.fromCharCode(byte);
    else text += ` ${pieces[((byte & 0x7f) * 256 + (bytes[++at] ?? 0)) % pieces.length]} `;
  }
  return text;
}

const lines = [
  '.for (r $t0 = 0; @$t0 < 3; r $t0 = @$t0 + 1) { .printf "%d %y\\n", @$t0, poi(@$csp) }',
  '.foreach /pS 1 /ps 1 (x { dps @$csp L4 }) { .if (${/d:x}) { ? x } .else { .break } }',
  'aS /x a poi(@$csp); .catch { db ${a} L8; .leave }; r $.u1=nt; u $u1; al; ad *',
  "j (@$ip == 0) '.echo a'; 'k; r'; * comment",
  '$$>a<script x "y z"; $<script',
  '.block { .while (1) { r $t1 = @$t1 + 1; .if (@$t1 > 5) .break } }; z (@$t1 < 9)',
  'lm; lmvm nt; x nt!*; ln @$ip; !pte nt; .formats 41; .cxr; .exr -1; .frame 1; k 3; ~',
  's -a nt L100 "MZ"; s -d nt L40 1; c nt L10 nt+1; !search 1; da nt+4e; dyb nt; .time; ||',
];

export const seeds = () =>
  lines.map((line, index) => Uint8Array.of(index % sessions.length, ...new TextEncoder().encode(line)));

/**
 * Runs a line for so many steps, then stops it as Ctrl-C does.
 * @param {Session} session
 * @param {string} text
 */
function run(session, text, maxSteps = 400) {
  const printed = [];
  const steps = session.run(text);
  for (let count = 0; count < maxSteps; count++) {
    const step = steps.next();
    if (step.done === true) return printed.join('\n');
    if (step.value.kind === 'lines') printed.push(...step.value.lines.map(lineText));
  }
  steps.return([]);
  return printed.join('\n');
}

/** @param {Uint8Array} bytes */
function runBytes(bytes) {
  const opened = sessions[(bytes[0] ?? 0) % sessions.length];
  if (opened === undefined) return;
  const text = textOf(bytes);
  /** @type {string | undefined} */
  let log;
  const session = new Session(opened.system, 'fuzz.dmp', {
    readText: () => text.slice(0, 1000),
    openFile: () => ({ size: 16, read: () => new Uint8Array(16), close: () => undefined }),
    openLog: (path) => (log = path),
    closeLog: () => log,
    now: () => 0,
  });
  const modules = run(session, 'lm');
  run(session, text);
  // The prompt answers as before, whatever was typed.
  run(session, 'ad *');
  attempt(() => session.execute('r'));
  const after = run(session, 'lm');
  if (after !== modules) throw new Error(`lm is not what it was: ${after.slice(0, 200)}`);
}

export { runBytes as run };
