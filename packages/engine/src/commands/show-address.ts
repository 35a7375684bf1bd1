import { type AddressUse, addressMap, describeAddress, type Place } from '../memory/index.ts';
import { tagText, toldSize } from '../pool/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, progressStep, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';
import { shownHeapTag } from './heap-block-lines.ts';
import { type Line, type Span, span } from './output.ts';
import { shownTag } from './pool-block-lines.ts';

export const showAddress: Command = {
  names: ['!address'],
  usage: '[ADDR]',
  summary: 'say what an address is: module, stack, pool, page tables, ...; alone, a map of the address space',
  group: 'memory',
  details: [
    'Every place says how it is known. End addresses are exclusive, as in the debugger. A block of pool is named',
    'where its page or its heap proves it. why ADDR says why bytes can or cannot be read.',
  ],
  examples: ['!address nt', '!address @rsp', '!address'],
  *run(console, args): CommandRun {
    const { system, memory } = console;
    if (args === '') {
      const data = yield* progress(addressMap(system, memory));
      const call = 'engine.runToEnd(engine.addressMap(session.system, session.console.memory))';
      return { data, lines: mapLines(console, data), call };
    }
    if (args.startsWith('-') && /^-[a-z?]/i.test(args))
      throw usageError(showAddress, 'filters are those of programs, and not here');
    const va = evaluateIn(console, args);
    const data = yield* progress(describeAddress(system, memory, va));
    const call = `engine.runToEnd(engine.describeAddress(session.system, session.console.memory, ${bigHex(va)}))`;
    return { data, lines: render(console, data), call };
  },
};

/** Tells how many threads were looked at. */
function* progress<T>(run: Generator<number, T>): Generator<ReturnType<typeof progressStep>, T> {
  for (let step = run.next(); ; step = run.next()) {
    if (step.done === true) return step.value;
    yield progressStep('looking at threads', step.value);
  }
}

const row = (label: string, ...text: Line): Line => [`${label}:`.padEnd(24), ...text];

function render(console: Console, use: AddressUse): Line[] {
  const [place, ...around] = use.places;
  return [
    ...(place === undefined ? unknownLines(use) : placeLines(console, place)),
    ...moduleLines(console, place),
    ...poolLines(console, use),
    ...stateLines(console, use),
    ...around.map((outer) =>
      row('Inside', rangeText(console, outer), ` ${outer.what}`, span(`  ${outer.from}`, 'dim')),
    ),
  ];
}

const unknownLines = ({ half }: AddressUse): Line[] => [
  row('Usage', half === 'none' ? 'none: no address of this machine is like that' : '<unknown>'),
  [span('It is in no module, stack, structure or region that this dump names.', 'dim')],
];

function placeLines({ system }: Console, { usage, what, from, start, end }: Place): Line[] {
  const { addressText } = system;
  return [
    row('Usage', span(usage, 'heading')),
    row('Base Address', span(addressText(start), 'address')),
    row('End Address', addressText(BigInt.asUintN(64, end))),
    row('Region Size', addressText(end - start)),
    row('What', what),
    row('Known by', from),
  ];
}

function moduleLines({ system }: Console, place: Place | undefined): Line[] {
  if (place?.kind !== 'module') return [];
  const module = system.modules.find(({ base }) => base === place.start);
  if (module === undefined) return [];
  const link = `lmvm ${module.name}`;
  return [row('Module name', span(module.name, 'symbol', link)), row('Module path', `[${module.path}]`)];
}

/** The block of pool that holds the address. */
function poolLines({ system }: Console, { pool }: AddressUse): Line[] {
  if (pool === undefined) return [];
  const { plainText } = system;
  const link = (va: bigint): Span => span(plainText(va), 'address', `!pool ${plainText(va)}`);
  const { block, heapBlock, large, special, region } = pool;
  const where = region === undefined ? '' : ` of ${region.text.toLowerCase()}`;
  const from = region?.from === undefined ? '' : span(`  ${region.from}`, 'dim');
  if (special !== undefined)
    return [
      row(
        'Pool block',
        link(special.address),
        `, tag ${shownTag(tagText(special.tag))}, size ${special.size.toString(16)}, in special pool`,
      ),
    ];
  if (large !== undefined)
    return [
      row(
        'Pool allocation',
        link(large.address),
        `, tag ${shownTag(large.tag)}, size ${large.size.toString(16)}, pages${where}`,
        from,
      ),
    ];
  if (heapBlock !== undefined)
    return [
      row(
        'Pool block',
        link(heapBlock.address),
        `, tag ${shownHeapTag(heapBlock)}, size ${toldSize(heapBlock).toString(16)}, ${stateText(heapBlock.state)}${where}`,
        from,
      ),
    ];
  if (block === undefined) return [];
  return [
    row(
      'Pool block',
      link(block.address),
      `, tag ${shownTag(block.tag)}, size ${block.size.toString(16)}, ${stateText(block.state)}${where}`,
      from,
    ),
  ];
}

const stateText = (state: string): string => {
  if (state === 'unknown') return 'free or in use';
  return state === 'cached' ? 'freed, and kept for the next request' : state;
};

function stateLines(console: Console, { readable, reason, translation, page, block }: AddressUse): Line[] {
  const lines: Line[] = [
    row('State', readable ? span('its bytes are in this dump', 'good') : span(`${reason}`, 'warning')),
  ];
  if (block !== undefined) lines.push(row('Block', `${block.kind} of the small dump`));
  const pa = translation?.pa;
  if (pa !== undefined) {
    const pfn = Math.floor(pa / 0x1000).toString(16);
    lines.push(row('Physical page', span(pfn, 'address', `!pfn ${pfn}`), pageText(console, page)));
  }
  return lines;
}

function pageText({ system }: Console, page: AddressUse['page']): string {
  if (page === undefined) return '';
  const parts = [
    page.location,
    page.pteAddress === undefined ? undefined : `PTE at ${system.addressText(page.pteAddress)}`,
    ...page.marks,
  ];
  return `, ${parts.filter((part) => part !== undefined).join(', ')}`;
}

const rangeText = ({ system }: Console, { start, end }: Place): string =>
  `${system.addressText(start)} - ${system.addressText(BigInt.asUintN(64, end))}`;

function mapLines(console: Console, places: readonly Place[]): Line[] {
  if (places.length === 0) return [[span('This dump names no part of the address space.', 'dim')]];
  const width = rangeText(console, places[0]!).length;
  const heading = `  ${'Base address - end address'.padEnd(width)}  Usage`;
  return [
    [span(heading, 'heading')],
    ...places.map(
      (place): Line => [
        '  ',
        span(rangeText(console, place), 'address', `!address ${console.system.plainText(place.start)}`),
        `  ${place.usage.padEnd(18)} `,
        place.what,
        span(`  ${place.from}`, 'dim'),
      ],
    ),
  ];
}
