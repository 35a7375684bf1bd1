import {
  type FindStep,
  type FoundBig,
  type FoundBlock,
  type FoundBlocks,
  type FoundHeapBlock,
  type FoundSpecial,
  type PoolRange,
  poolText,
  tagText,
  tagValue,
  toldSize,
} from '../pool/index.ts';
import type { Console } from './console.ts';
import { heapBlockLine } from './heap-block-lines.ts';
import { noteLines } from './note-lines.ts';
import { type Line, span } from './output.ts';
import { blockLine, shownTag } from './pool-block-lines.ts';
import type { FindRequest } from './pool-find-request.ts';
import { heapNotes } from './pool-heap-lines.ts';
import { sizeText } from './size-text.ts';

/** The lines of `!poolfind`, in the older layout or the newer one. */
export class FindLines {
  readonly #console: Console;
  readonly #request: FindRequest;
  #saidRest = false;

  constructor(console: Console, request: FindRequest) {
    this.#console = console;
    this.#request = request;
  }

  /** What a step has to say. */
  of(step: FindStep): Line[] {
    switch (step.what) {
      case 'table':
        return [
          ...this.#tableLines(step),
          ...step.large.map((each) => this.#bigLine(each)),
          ...(step.large.length > 0 ? [['']] : []),
        ];
      case 'range':
        return this.#rangeLines(step.range);
      case 'heap':
        return this.#heapLines(step);
      case 'blocks':
        return [
          ...step.found.blocks.map((each) => this.#blockLine(each)),
          ...step.found.heap.map((each) => this.#heapBlockLine(each)),
          ...step.found.special.map((each) => this.#specialLine(each)),
        ];
      case 'entries':
        return [];
    }
  }

  end(found: FoundBlocks): Line[] {
    const { blocks, heap, special, large, bytes, bigUnknown, heapsUnknown, stoppedAt, cut } = found;
    const { search } = this.#request;
    const small = blocks.length + heap.length + special.length;
    const count = small + large.length;
    const sum = count === 0 ? 'Nothing was found' : `${count} found`;
    const looked = search.onlyLarge === true ? '' : `; ${sizeText(BigInt(bytes))} were looked at`;
    const notes = [`${sum}${looked}.`];
    if (stoppedAt !== undefined)
      notes.push(`...terminating - searched pool to ${this.#console.system.plainText(stoppedAt)}`);
    if (cut !== undefined) notes.push(`Not all was looked at: ${cut}.`);
    if (bigUnknown !== undefined && search.onlySmall !== true)
      notes.push(`Large allocations may be lacking: ${bigUnknown}.`);
    return [
      ...(small > 0 ? [['']] : []),
      ...notes.flatMap((note) => noteLines(note)),
      ...heapNotes(heapsUnknown),
    ];
  }

  /** `for Tag: Proc`, or `for tag 0x636f7250 (Proc)`. */
  get #sought(): string {
    const { text, isNew } = this.#request;
    return isNew ? `for tag 0x${tagValue(text).toString(16)} (${text.padEnd(4)})` : `for Tag: ${text}`;
  }

  #tableLines({ list }: Extract<FindStep, { what: 'table' }>): Line[] {
    if (this.#request.search.onlySmall === true) return [];
    if (list.table === undefined) return [];
    const { plainText } = this.#console.system;
    const [start, end] = [plainText(list.table.start), plainText(list.table.end)];
    return [[`Scanning large pool allocation table ${this.#sought} (${start} : ${end})`], ['']];
  }

  /** Ranges where pages have to show what they are lie between all modules: they are named together. */
  #rangeLines(range: PoolRange): Line[] {
    if (range.name === 'unknown') {
      if (this.#saidRest) return [];
      this.#saidRest = true;
      return [[`Searching all memory of the kernel ${this.#sought}`], ['']];
    }
    const { plainText } = this.#console.system;
    const name = searchedNames[range.name];
    const end = plainText(BigInt.asUintN(64, range.end));
    return [[`Searching ${name} pool (${plainText(range.start)} : ${end}) ${this.#sought}`], ['']];
  }

  #heapLines({ heap, pool }: Extract<FindStep, { what: 'heap' }>): Line[] {
    if (heap === undefined) return [[`Searching pages whose heap is not known ${this.#sought}`], ['']];
    const at = this.#console.system.plainText(heap.address);
    const name = pool === 'unknown' ? '' : `${searchedNames[pool]} `;
    return [
      [`Searching ${name}pool (heap `, span(at, 'address', `!heap -a ${at}`), `) ${this.#sought}`],
      [''],
    ];
  }

  #heapBlockLine({ block, pool }: FoundHeapBlock): Line {
    if (!this.#request.isNew) return heapBlockLine(this.#console, block);
    const header = this.#console.system.target.pointerSize * 2;
    const state = block.state === 'allocated' ? '' : `, ${block.state}`;
    const tag = block.tag ?? '????';
    return this.#newLine(
      block.data ?? block.address,
      tag,
      BigInt(block.requested ?? toldSize(block) - header),
      poolText(pool) + state,
    );
  }

  #blockLine({ block, pool }: FoundBlock): Line {
    const { system } = this.#console;
    if (!this.#request.isNew) return blockLine(this.#console, block);
    const header = system.target.pointerSize * 2;
    const state = block.state === 'allocated' ? '' : `, ${block.state}`;
    return this.#newLine(
      block.address + BigInt(header),
      block.tag,
      BigInt(block.size - header),
      poolText(pool) + state,
    );
  }

  #bigLine({ allocation, pool }: FoundBig): Line {
    const { system } = this.#console;
    const { address, size, tag } = allocation;
    if (this.#request.isNew) return this.#newLine(address, tag, size, poolText(pool));
    return [
      span(system.plainText(address), 'address', `!pool ${system.plainText(address)}`),
      ` : large page allocation, tag is ${shownTag(tag)}, size is 0x${size.toString(16)} bytes`,
    ];
  }

  #specialLine({ block, trust }: FoundSpecial): Line {
    const { plainText } = this.#console.system;
    const tag = tagText(block.tag);
    const doubt = trust === 'proven' ? '' : ', by what is on the page';
    if (this.#request.isNew)
      return this.#newLine(block.address, tag, BigInt(block.size), `Special pool${doubt}`);
    return [
      span(plainText(block.page), 'address', `!pool ${plainText(block.page)}`),
      ` size: ${block.size.toString(16).padStart(4)} data: ${plainText(block.address)} `,
      `(${block.paged ? 'Paged' : 'NonPaged'}) ${shownTag(tag)}${doubt}`,
    ];
  }

  #newLine(address: bigint, tag: string, size: bigint, pool: string): Line {
    const at = this.#console.system.plainText(address);
    const length = size === 0n ? '0' : `0x${size.toString(16)}`;
    return [
      span(at, 'address', `!pool ${at}`),
      ` : tag ${shownTag(tag)}, size ${length.padStart(9)}, ${pool}`,
    ];
  }
}

const searchedNames: Readonly<Record<Exclude<PoolRange['name'], 'unknown'>, string>> = {
  nonpaged: 'NonPaged',
  'nonpaged-expansion': 'NonPaged',
  paged: 'Paged',
  'paged-session': 'Session paged',
  special: 'special',
};
