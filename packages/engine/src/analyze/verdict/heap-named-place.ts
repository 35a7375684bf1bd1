import type { HeapBlock, HeapReport } from '../../pool/index.ts';
import { toldSize } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Ground } from './finding.ts';

/**
 * What is where a heap says that something is damaged, and next to it, where nothing there is: the code alone says the rest then, and
 * whoever looks at the place should know that it is whole by now.
 */
export function wholePlace(system: CrashedSystem, { page, block }: HeapReport): Ground[] {
  if (page.verdict !== 'whole' || block === undefined) return [];
  const { shortText: text } = system;
  const { blocks } = page;
  const at = blocks.findIndex(({ address }) => address === block.address);
  const [before, behind] = at < 0 ? [] : [blocks[at - 1], blocks[at + 1]];
  const around = [
    ...(before === undefined ? [] : [`in front of it ${blockText(system, before)}`]),
    ...(behind === undefined ? [] : [`behind it ${blockText(system, behind)}`]),
  ];
  const neighbours = around.length === 0 ? '' : `, ${around.join(', ')}`;
  return [
    {
      rule: 'place-whole',
      claim: `There is ${blockText(system, block)}${neighbours}; all headers of the page agree.`,
      command: `!pool ${text(block.address)}; !poolval ${text(page.address)}`,
    },
  ];
}

const states: Readonly<Record<HeapBlock['state'], string>> = {
  allocated: 'in use',
  free: 'free',
  cached: 'freed and kept for the next request',
  unknown: 'of unknown state',
};

function blockText({ shortText: text }: CrashedSystem, block: HeapBlock): string {
  const tag = block.tag === undefined ? '' : `tagged ${block.tag.trimEnd()} `;
  return `a block ${tag}at ${text(block.address)} of ${toldSize(block).toString(16)} bytes, ${states[block.state]}`;
}
