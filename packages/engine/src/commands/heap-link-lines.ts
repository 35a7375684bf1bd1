import { type BrokenLink, poolOfHeap, poolText } from '../pool/index.ts';
import type { Console } from './console.ts';
import { type Line, span } from './output.ts';

const mostShown = 16;

/** `ffff9a0f4d738b88  Nonpaged pool        damaged: the tree of free chunks of its heap [vs-tree-link]`. */
export const brokenLinkLines = (
  { system }: Pick<Console, 'system'>,
  links: readonly BrokenLink[],
): Line[] => [
  ...links.slice(0, mostShown).map(({ at, heap, list, rule }): Line => {
    const text = system.plainText(at);
    return [
      span(text, 'address', `dq ${text} L2`),
      `  ${poolText(poolOfHeap(heap)).padEnd(20)} `,
      span('damaged', 'bad'),
      `: ${list} of its heap [${rule}]`,
    ];
  }),
  ...(links.length > mostShown
    ? [[`... and ${links.length - mostShown} more links of lists and trees`]]
    : []),
];
