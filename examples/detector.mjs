// A detector of one's own. The verdict of poolscope knows Windows; what your driver keeps in its blocks only you know:
//
//   node examples/detector.mjs greeter.dmp

import { Fault, findPoolBlocks, lineText, openSession, runToEnd, tagPattern } from '@poolscope/engine';
import { FileSource } from './file-source.mjs';

/** Of a block of greeter: the length of its name at 0, the name from 8 on. A pool header stands in front. */
const [headerBytes, nameAt] = [0x10, 8];

/**
 * Looks for blocks whose own account of their length goes past their end: whoever wrote that name wrote too far.
 * @type {import('@poolscope/engine').Detector}
 */
export function longName({ system }) {
  const pattern = tagPattern('Gree');
  if (pattern === undefined) return undefined;
  const { blocks } = runToEnd(findPoolBlocks(system, { tag: pattern, pools: ['nonpaged'], onlySmall: true }));
  for (const { block } of blocks) {
    if (block.state !== 'allocated') continue;
    const length = system.memory.tryReadU32(block.address + BigInt(headerBytes));
    // A read gives the value, or a Fault that says why there is none: that is no evidence of anything.
    if (length instanceof Fault || headerBytes + nameAt + length <= block.size) continue;
    const end = block.address + BigInt(block.size);
    return {
      kind: 'pool-overrun',
      confidence: 0.99,
      summary: `greeter.sys took a name of ${length} bytes into a block of ${block.size}: its length was not checked.`,
      block: {
        address: system.hex(block.address),
        size: block.size,
        tag: block.tag,
        pool: 'nonpaged',
        allocator: 'classic',
        state: 'allocated',
      },
      damage: {
        start: system.hex(end),
        length: headerBytes + nameAt + length - block.size,
        pattern: 'text',
        text: null,
      },
      suspects: [{ module: 'greeter.sys', score: 0.99, because: ['its own header of the block says so'] }],
      evidence: [
        {
          claim: `The name is ${length} bytes long by the block's own first word.`,
          command: `dd ${system.shortText(block.address + BigInt(headerBytes))} L1`,
        },
        { claim: 'The block is shorter.', command: `!pool ${system.shortText(block.address)} 2` },
      ],
      next: ['update greeter.sys: names are checked since build 12'],
    };
  }
  return undefined;
}

const [path] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write('usage: node detector.mjs greeter.dmp\n');
  process.exit(2);
}

const file = new FileSource(path);
try {
  // The surest finding is the verdict: in the report, in `!analyze -v` and on the page alike.
  const session = await openSession(file, { path, detectors: [longName] });
  const { verdict } = session.analyze().report;
  process.stdout.write(`${verdict.kind}, ${Math.round(verdict.confidence * 100)} %\n${verdict.summary}\n`);
  for (const { claim, command } of verdict.evidence) {
    process.stdout.write(`\n${claim}\n  kd> ${command}\n`);
    for (const line of session.execute(command).lines) process.stdout.write(`  ${lineText(line)}\n`);
  }
} finally {
  file.close();
}
