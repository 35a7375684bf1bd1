import type { RunningMachine, TrueBlock } from '@poolscope/lab/page';
import type { LabStep, PageBlock, PoolCall } from '../protocol/lab.ts';

/** Calls that are kept: a story has some hundred. */
const mostSteps = 4000;
const mostCalls = 200;
const pageSize = 0x1000n;

/** The part of a run that is watched. */
interface WatchedRun {
  readonly machine: RunningMachine;
}

/** Notes down which calls of drivers a story makes, what they ask of the pool, and how one page changes with them. */
export class Recorder {
  readonly steps: LabStep[] = [];
  readonly #page: bigint | undefined;
  #calls: PoolCall[] = [];
  #shown = '';

  /** `page`: the page to watch. */
  constructor(page: bigint | undefined) {
    this.#page = page;
  }

  /** Runs a story on a machine whose calls are noted down. */
  watch({ machine }: WatchedRun, story: () => void): void {
    this.#watchPool(machine.pool);
    const control = machine.deviceControl.bind(machine);
    machine.deviceControl = (request) => {
      const { driver, code, input } = request;
      const note = (isLast: boolean) =>
        this.#note(machine, { driver, code, inputBytes: input?.length ?? 0, isLast });
      try {
        const status = control(request);
        note(false);
        return status;
      } catch (error) {
        note(true);
        throw error;
      }
    };
    story();
  }

  #watchPool(pool: RunningMachine['pool']): void {
    const [allocate, free] = [pool.allocate.bind(pool), pool.free.bind(pool)];
    pool.allocate = (type, bytes, tag, ...rest) => {
      const address = allocate(type, bytes, tag, ...rest);
      this.#add({ kind: 'allocate', tag: tagWord(tag), bytes, address });
      return address;
    };
    pool.free = (address, tag, ...rest) => {
      this.#add({ kind: 'free', tag: undefined, bytes: undefined, address });
      free(address, tag, ...rest);
    };
  }

  #add(call: PoolCall): void {
    if (this.#calls.length < mostCalls) this.#calls.push(call);
  }

  #note(machine: RunningMachine, step: Omit<LabStep, 'pool' | 'blocks'>): void {
    const pool = this.#calls;
    this.#calls = [];
    if (this.steps.length >= mostSteps && !step.isLast) return;
    this.steps.push({
      ...step,
      pool,
      blocks: pool.length === 0 && !step.isLast ? undefined : this.#changed(machine),
    });
  }

  /** Blocks of the page; undefined where they are as they were. */
  #changed({ pool }: RunningMachine): PageBlock[] | undefined {
    const page = this.#page;
    if (page === undefined) return undefined;
    const blocks = pool
      .truth()
      .blocks.filter(({ header, size }) => header < page + pageSize && header + BigInt(size) > page)
      .map((block) => pageBlock(block, page));
    const text = JSON.stringify(blocks);
    if (text === this.#shown) return undefined;
    this.#shown = text;
    return blocks;
  }
}

const pageBlock = ({ header, size, tag, state }: TrueBlock, page: bigint): PageBlock => ({
  offset: Number(header - page),
  size,
  tag: tagWord(tag) ?? '',
  isFree: state !== 'allocated',
});

function tagWord(tag: number | string | undefined): string | undefined {
  if (tag === undefined || typeof tag === 'string') return tag;
  return String.fromCharCode(...[0, 8, 16, 24].map((shift) => ((tag & 0x7fff_ffff) >>> shift) & 0xff));
}
