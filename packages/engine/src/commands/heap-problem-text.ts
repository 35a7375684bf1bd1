import type { HeapProblem, HeapRule } from '../pool/index.ts';

type Values = Pick<HeapProblem, 'found' | 'expected'>;
type Say = (values: Values, address: (va: bigint) => string) => string;

const hex = (value: bigint | undefined): string => (value === undefined ? '?' : `0x${value.toString(16)}`);

/** `invalid size [ 0x40 ] should be [ 0x50 ]`: the form that the debugger has for headers. */
const numbers =
  (what: string): Say =>
  ({ found, expected }) => {
    const is = found === undefined ? '' : ` [ ${hex(found)} ]`;
    const should = expected === undefined ? '' : ` should be [ ${hex(expected)} ]`;
    return `invalid ${what}${is}${should}`;
  };

/** The same of sizes in a POOL_HEADER, in its units of 16 bytes as the debugger has them. */
const headerUnits =
  (what: string): Say =>
  ({ found, expected }, address) =>
    numbers(what)({ ...units('found', found), ...units('expected', expected) }, address);

const units = (name: keyof Values, bytes: bigint | undefined): Values =>
  bytes === undefined ? {} : { [name]: bytes / 16n };

/** The same of addresses. */
const addresses =
  (what: string): Say =>
  ({ found, expected }, address) => {
    const is = found === undefined ? '' : ` [ ${address(found)} ]`;
    const should = expected === undefined ? '' : ` should be [ ${address(expected)} ]`;
    return `invalid ${what}${is}${should}`;
  };

const says =
  (text: string): Say =>
  () =>
    text;

/** What each rule says when it is broken; undefined: the region says it. */
const texts: Readonly<Record<HeapRule, Say | undefined>> = {
  'segment-signature': numbers('signature of the segment'),
  'descriptor-flags': numbers('flags of the page range'),
  'descriptor-signature': numbers('mark of the page range'),
  'descriptor-size': numbers('unit count of the page range'),
  'descriptor-offset': numbers('unit offset of the page range'),
  'vs-signature': numbers('mark of the VS subsegment'),
  'vs-range': says('the VS subsegment has more bytes than its page range'),
  'vs-size-zero': says('invalid chunk size [ 0x0 ]'),
  'vs-size-past-end': says('invalid chunk size: the chunk would end behind its subsegment'),
  'vs-size': numbers('chunk size'),
  'vs-previous-size': numbers('previous chunk size'),
  'vs-header': undefined,
  'vs-no-header': undefined,
  'vs-allocated': numbers('allocated byte of the chunk'),
  'vs-page-offset': numbers('page offset of the chunk'),
  'vs-links': addresses('link of the free chunk'),
  'vs-tree-link': addresses('link in the tree of free chunks'),
  'vs-tree-node': addresses('node in the tree of free chunks'),
  'vs-tree-order': numbers('order in the tree of free chunks'),
  'vs-tree-missing': says('free chunk that the tree of free chunks does not have'),
  'vs-delayed': addresses('link in the list of delayed frees'),
  'list-link': addresses('list link'),
  'list-cycle': says('the list runs in a circle'),
  'lfh-offsets': numbers('block size or first block of the LFH subsegment'),
  'lfh-bitmap': numbers('bitmap of the LFH subsegment'),
  'lfh-count': numbers('block count of the LFH subsegment'),
  'lfh-owner': addresses('owner of the LFH subsegment'),
  lookaside: addresses('link in a dynamic lookaside list'),
  'lookaside-size': numbers('size for the dynamic lookaside list that it is on'),
  'lookaside-count': numbers('count of a dynamic lookaside list'),
  'large-tree': addresses('node in the tree of large allocations'),
  'large-size': numbers('size of the large allocation'),
  'large-table': numbers('size of the large allocation'),
  'header-size': headerUnits('size'),
  'header-previous-size': headerUnits('previous size'),
  'header-type': numbers('type'),
  'header-tag': numbers('tag'),
  'header-aligned': says('the two headers of the cache-aligned block do not agree'),
  'header-quota': addresses('process that pays for the block'),
};

/** A broken rule in words; undefined where the extents say it. */
export const heapProblemText = (
  { rule, found, expected }: HeapProblem,
  address: (va: bigint) => string,
): string | undefined =>
  texts[rule]?.(
    { ...(found !== undefined && { found }), ...(expected !== undefined && { expected }) },
    address,
  );
