import { builtInOwners, tagPattern } from '../pool/index.ts';
import { type Command, usageError } from './command.ts';
import { plain } from './output.ts';
import { shownTag } from './pool-block-lines.ts';

export const poolTagCommand: Command = {
  names: ['!pooltag'],
  usage: 'TAG',
  summary: 'say whose a pool tag is, by pooltag.txt or the built-in table',
  group: 'pool',
  details: [
    'TAG is one to four characters, in quotes where it ends with blanks. Upper and lower case differ.',
  ],
  examples: ['!pooltag Proc', "!pooltag 'Irp '"],
  run(console, args) {
    const tag = /^(["'])(.*)\1$/.exec(args)?.[2] ?? args;
    if (tag === '') throw usageError(poolTagCommand, 'a tag is missing');
    if (/[*?]/.test(tag) || tagPattern(tag) === undefined)
      throw usageError(poolTagCommand, `'${tag.slice(0, 40)}' is no tag: those have one to four characters`);
    const owner = console.poolTags.find(tag);
    const binary = owner?.binary === undefined ? '' : `, Binary : ${owner.binary}`;
    const text =
      owner === undefined
        ? 'Owning component : Unknown (update pooltag.txt)'
        : `Pooltag ${shownTag(tag)} : ${owner.description}${binary}`;
    // A file of tags is the host's, and no part of the session.
    const isBuiltIn = console.poolTags === builtInOwners();
    return {
      data: owner,
      lines: plain(text),
      ...(isBuiltIn ? { call: `engine.tagOwner(${JSON.stringify(tag)})` } : {}),
    };
  },
};
