import type { Command } from './command.ts';
import { displayBits } from './display-bits.ts';
import { displayList } from './display-list.ts';
import { displayMemory } from './display-memory.ts';
import { displayPointers } from './display-pointers.ts';
import { displayReferences } from './display-references.ts';
import { displayStrings } from './display-strings.ts';
import { displayText } from './display-text.ts';

/** The commands that `d` repeats. */
export const displays: readonly Command[] = [
  displayMemory,
  displayBits,
  displayText,
  displayStrings,
  displayPointers,
  displayReferences,
  displayList,
];

export const displayAgain: Command = {
  names: ['d'],
  usage: '[OPTIONS] [RANGE]',
  summary: 'display memory as the last display command did; db at first',
  group: 'memory',
  joins: /^[@$(/]/,
  examples: ['dps @rsp L4; d'],
  run(console, args) {
    const name = console.display;
    return displays.find(({ names }) => names.includes(name))!.run(console, args, name);
  },
};
