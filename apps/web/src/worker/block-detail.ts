import {
  describePool,
  type HeapReport,
  heapProblemText,
  type PoolPageReport,
  type PoolReport,
  type Session,
  type SpecialPool,
  tagText,
} from '@poolscope/engine';
import type { BlockDetail } from '../protocol/pool-map.ts';
import { headerFields, vsFields } from './header-fields.ts';
import { ownerText } from './map-collector.ts';

/**
 * What is known of the block at an address, for the panel beside the map. Yields how far it is. `freed`: a freed block of special pool,
 * of which the dump has nothing.
 */
export function* readBlockDetail(
  session: Session,
  address: bigint,
  freed?: bigint,
): Generator<number, BlockDetail> {
  const report = yield* describePool(session.system, address);
  const isFreed = freed !== undefined && freed >> 12n === address >> 12n && report.kind !== 'special';
  const detail = isFreed ? freedDetail(address) : detailOf(session, report);
  const owner = detail.tag === undefined ? undefined : session.console.poolTags.find(detail.tag);
  const at = session.system.plainText(address);
  return {
    ...detail,
    owner: owner === undefined ? undefined : ownerText(owner),
    damage: [...new Set(detail.damage)],
    commands: [
      `!pool ${at}`,
      ...(detail.damage.length > 0 && report.kind !== 'special' ? [`!poolval ${at}`] : []),
      ...(report.kind === 'special' ? [`!pte ${at}`] : []),
      `db ${at}`,
    ],
  };
}

type Detail = Omit<BlockDetail, 'owner' | 'commands'>;

function detailOf(session: Session, report: PoolReport): Detail {
  switch (report.kind) {
    case 'classic':
      return classicDetail(session, report);
    case 'segment-heap':
      return heapDetail(session, report);
    case 'special':
      return specialDetail(session, report.special);
    case 'not-pool':
      return { ...noDetail(report.address), region: `in the image of ${report.module}` };
  }
}

const noDetail = (address: bigint): Detail => ({
  address,
  size: 0,
  region: '',
  state: '',
  tag: undefined,
  fields: [],
  damage: [],
  facts: [],
});

const freedDetail = (address: bigint): Detail => ({
  ...noDetail(address),
  region: 'Special pool',
  state: 'no memory: the page was taken away when its block was freed',
  facts: ['The evidence of the verdict tells so; the dump holds nothing of the page.'],
});

const states = { allocated: 'in use', free: 'free', cached: 'freed, kept for the next request' } as const;

function classicDetail(session: Session, report: PoolPageReport): Detail {
  const { block, page, region, big, lists } = report;
  const damage = page.problems.map(({ rule, at }) => `${ruleText(rule)} at ${session.system.plainText(at)}`);
  const known = lists?.findings.filter(({ address }) => address === block?.address) ?? [];
  const facts = [
    ...known.flatMap(({ on }) => on.map(({ name }) => `It is on ${name}.`)),
    ...(block?.billed === undefined
      ? []
      : [`The process at ${session.system.plainText(block.billed.process)} pays for it.`]),
    ...(region.from === undefined ? [] : [`The pool is known by ${region.from}.`]),
  ];
  if (block !== undefined)
    return {
      address: block.address,
      size: block.size,
      region: region.text,
      state: states[block.state],
      tag: block.tag,
      fields: headerFields(session, block.address, page.problems),
      damage,
      facts,
    };
  const found = big?.found;
  if (found !== undefined)
    return {
      ...noDetail(found.address),
      size: Number(found.size),
      region: region.text,
      state: 'in use, a large allocation',
      tag: found.tag,
      facts: ['Its tag is in the table of large allocations; it has no header.'],
    };
  const fields = damage.length > 0 ? headerFields(session, report.address & ~0xfn, page.problems) : [];
  return { ...noDetail(report.address), region: region.text, state: 'no block', damage, facts, fields };
}

function heapDetail(session: Session, { block, page, region, address, big }: HeapReport): Detail {
  const { plainText } = session.system;
  const damage = page.problems.map((problem) => {
    const text = heapProblemText(problem, plainText) ?? 'there is no chunk header where one has to be';
    return `${text} at ${plainText(problem.at)}`;
  });
  if (block === undefined)
    return {
      ...noDetail(address),
      region: region.text,
      damage,
      facts: page.why === undefined ? [] : [page.why],
    };
  const state =
    block.state === 'cached'
      ? `freed, kept in ${block.cachedIn ?? 'a list'}`
      : block.state === 'unknown'
        ? 'in use or free: not known'
        : states[block.state];
  const header = block.header === undefined ? [] : headerFields(session, block.address, page.problems);
  return {
    address: block.address,
    size: block.size,
    region: region.text,
    state,
    tag: block.tag ?? big?.found?.tag,
    fields: [...vsFields(block), ...header],
    damage,
    facts: [
      `It is of the ${allocators[block.allocator]} of the heap.`,
      ...(block.requested === undefined ? [] : [`0x${block.requested.toString(16)} bytes were asked for.`]),
    ],
  };
}

const allocators = {
  vs: 'variable size part',
  lfh: 'low fragmentation part',
  segment: 'page segments',
  large: 'large allocations',
} as const;

function specialDetail(session: Session, { block, state, page, reasons }: SpecialPool): Detail {
  const { plainText } = session.system;
  const facts = [`That this is special pool is known by this: ${reasons.join('; ')}.`];
  if (block === undefined || state === 'guard') {
    const guarded = block === undefined ? [] : [`It guards the block at ${plainText(block.address)}.`];
    return {
      ...noDetail(page),
      size: 0x1000,
      region: 'Special pool',
      state: specialStates[state],
      facts: [...guarded, ...facts],
    };
  }
  const changed = block.slop.flatMap((area) => area.changed);
  return {
    address: block.address,
    size: block.size,
    region: `Special pool, ${block.paged ? 'paged' : 'nonpaged'}`,
    state: 'in use',
    tag: tagText(block.tag),
    fields: [
      { name: 'size', offset: 0, length: 2, value: `0x${block.size.toString(16)}` },
      {
        name: 'pattern',
        offset: 2,
        length: 1,
        value: `0x${block.pattern.toString(16)}`,
        meaning: 'fills the slop',
      },
      { name: 'tag', offset: 4, length: 4, value: tagText(block.tag) },
    ],
    damage: changed.map(
      ({ start, found, isSingleBit }) =>
        `${found.length} slop ${found.length === 1 ? 'byte' : 'bytes'} at ${plainText(start)} ${found.length === 1 ? 'was' : 'were'} written${isSingleBit ? ', by one bit' : ''}`,
    ),
    facts,
  };
}

const specialStates: Readonly<Record<SpecialPool['state'], string>> = {
  allocated: 'in use',
  guard: 'guard page: nothing may touch it',
  'not-mapped': 'no memory: freed, or not used yet',
  unreadable: 'not in this dump',
  unrecognised: 'no block that can be told',
};

/** A rule's name as words. */
const ruleText = (rule: string): string => rules[rule] ?? rule.replaceAll('-', ' ');

const rules: Readonly<Record<string, string>> = {
  'first-previous-size': 'the first header names a block before it',
  'previous-size': 'a header does not name the size of the block before it',
  'size-zero': 'a size of zero',
  'size-past-page': 'a size past the end of the page',
  size: 'what follows says that the block has another size',
  header: 'there is no header where both neighbours say that one is',
  'no-header': 'there is no header where the block before ends',
  start: 'there is no header at the beginning of the page',
  type: 'a type that the kernel does not write',
  index: 'another pool descriptor than the other blocks have',
  pool: 'another kind of pool than the other blocks are of',
  'free-link': 'a link of a free block that does not lead back',
};
