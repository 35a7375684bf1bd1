import { describeFault, Fault, type PagingLevel, padHex, type Va } from '../base/index.ts';
import { addressSpaceOf } from '../memory/index.ts';
import type { PagedMemory, Translation } from '../mmu/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, usageError } from './command.ts';
import { evaluateIn, takeExpression } from './evaluate-in.ts';
import { plain } from './output.ts';
import { requireTables } from './physical.ts';

export const vtopCommand: Command = {
  names: ['!vtop'],
  usage: '[DIRBASE] ADDR',
  summary: 'translate a virtual address to a physical one',
  group: 'paging',
  details: [
    'DIRBASE is the directory base of another process, or its page frame number; 0 or none is the current process.',
    'Where a number could be both, the one is meant whose root table maps itself.',
  ],
  examples: ['!vtop 0 nt', '!vtop 1ad000 @rsp'],
  run(console, args) {
    const { memory, physical } = requireTables(console);
    if (args === '') throw usageError(vtopCommand, 'an address is missing');
    const first = takeExpression(console, args);
    const base = first.rest === '' ? 0n : first.value;
    const va = first.rest === '' ? first.value : evaluateIn(console, first.rest);
    const space = addressSpaceOf(memory, physical, base);
    const data = space.translate(va);
    const { shortText } = console.system;
    const target =
      base === 0n
        ? ''
        : `engine.addressSpaceOf(session.console.memory, session.system.target.dump.physical, ${bigHex(base)})`;
    return {
      data,
      lines: plain(...walkLines(space, va, data, shortText)),
      call: `${target === '' ? 'session.console.memory' : target}.translate(${bigHex(va)})`,
    };
  },
};

const names: Readonly<Record<PagingLevel, string>> = {
  PX5: 'PML5E',
  PXE: 'PML4E',
  PPE: 'PDPE',
  PDE: 'PDE',
  PTE: 'PTE',
};

/** The way down the tables, an entry a line, then the result; on x86 with what the entries contain. */
function walkLines(
  space: PagedMemory,
  va: Va,
  translation: Translation,
  shortText: (va: Va) => string,
): string[] {
  const { machine, pae, directoryTableBase, levels } = space.setup;
  const walker = { x64: 'Amd64VtoP', x86: 'X86VtoP', arm64: 'Arm64VtoP' }[machine];
  const kind = pae === true ? 'PAE ' : '';
  const address = (value: bigint | number): string => padHex(value, 16);
  const entries = translation.entries.map(({ level, address: at, value }) => {
    const contents =
      machine !== 'x86' || value === undefined ? '' : ` - ${padHex(value, pae === true ? 16 : 8)}`;
    return `${walker}: ${kind}${names[level]} ${address(at)}${contents}`;
  });
  return [
    `${walker}: Virt ${address(machine === 'x86' ? va & 0xffff_ffffn : va)}, pagedir ${address(directoryTableBase)}${levels === 5 ? ', 5 levels' : ''}`,
    ...entries,
    ...outcome(space, va, translation, (text) => `${walker}: ${kind}${text}`, shortText),
  ];
}

function outcome(
  space: PagedMemory,
  va: Va,
  { pa, pageSize, state, entries }: Translation,
  step: (text: string) => string,
  shortText: (va: Va) => string,
): string[] {
  const virtual = `Virtual address ${shortText(va)}`;
  if (pa !== undefined) {
    const mapped = pageSize === 0x1000 ? 'Mapped phys' : 'Large page mapped phys';
    const how = state === 'valid' ? [] : [step(`not valid, but its page is in memory (${state})`)];
    return [
      ...how,
      step(`${mapped} ${padHex(pa, 16)}`),
      `${virtual} translates to physical address ${pa.toString(16)}.`,
    ];
  }
  const last = entries.at(-1);
  const zero = last?.value === 0n ? [step(`zero ${names[last.level]}`)] : [];
  const fault = space.tryRead(va, 1);
  const why = fault instanceof Fault ? describeFault(fault) : 'it is not mapped';
  return [...zero, `${virtual} translation fails: ${why}.`];
}
