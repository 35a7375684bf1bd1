// The ten tags that hold the most memory, as the kernel itself counted them:
//
//   node examples/top-tags.mjs MEMORY.DMP

import { openSession, reportPoolUse, runToEnd } from '@poolscope/engine';
import { FileSource } from './file-source.mjs';

const [path] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write('usage: node top-tags.mjs MEMORY.DMP\n');
  process.exit(2);
}

const file = new FileSource(path);
try {
  const session = await openSession(file, { path });
  // Long work is a generator, which could be stopped between two steps. Here it just runs to its end.
  const { tags, from, missing } = runToEnd(reportPoolUse(session.system));

  if (from === undefined) {
    // What cannot be known is said, with the reason. A small dump, for example, holds no counters.
    process.stdout.write(`The counts of tags are not known: ${missing.join('; ')}.\n`);
  } else {
    const rows = tags
      .map(({ tag, nonPaged, paged }) => ({ tag, bytes: nonPaged.bytes + paged.bytes }))
      .sort((a, b) => Number(b.bytes - a.bytes))
      .slice(0, 10);
    for (const { tag, bytes } of rows) {
      const owner = session.console.poolTags.find(tag)?.description ?? 'unknown';
      process.stdout.write(`${tag}  ${bytes.toString().padStart(12)} bytes  ${owner}\n`);
    }
    process.stdout.write(`\nBy ${from}.\n`);
    for (const why of missing) process.stdout.write(`Not all was counted: ${why}.\n`);
  }
} finally {
  file.close();
}
