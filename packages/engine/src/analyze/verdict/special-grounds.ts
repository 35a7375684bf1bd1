import { type SpecialBlock, tagText } from '../../pool/index.ts';
import type { Ground } from './finding.ts';

/** Behind a noun: ` tagged Leak`; nothing where the block is not known. */
export const tagOf = (block: SpecialBlock | undefined): string =>
  block === undefined ? '' : ` tagged ${tagText(block.tag).trimEnd()}`;

/** What the bug check itself says. */
export const proof = (claim: string): Ground => ({ rule: 'bug-check-proves', claim, command: '.bugcheck' });
