import { describeFault, Fault, signExtend32, type Va, wrap64 } from '../base/index.ts';
import { type Command, type CommandRun, linesStep, type Step, tick } from './command.ts';
import type { Console } from './console.ts';
import { type ListRequest, parseListRequest } from './list-request.ts';
import { type Line, plain, span } from './output.ts';

/** What the commands gave for one element of a list. */
export interface ElementRun {
  readonly element: Va;
  readonly data: readonly unknown[];
}

/** The elements, and how the list ended. */
export interface ListRun {
  readonly elements: readonly ElementRun[];
  /** `start`: back at the first element; `cycle`: at another one; `missing`: a link cannot be read; `count`: enough. */
  readonly end: 'start' | 'null' | 'cycle' | 'missing' | 'count' | 'left';
  /** Why the list does not go on, where that is not as it should be. */
  readonly why?: string;
}

export const listCommand: Command = {
  names: ['!list'],
  usage: '[-t TYPE.MEMBER] [-x "COMMANDS"] [-a "ARGUMENTS"] [-e] [-m MOST] ADDR',
  summary: 'run commands once for each element of a linked list',
  group: 'scripts',
  details: [
    'ADDR is where the first element begins. -t names its link, as in nt!_LIST_ENTRY.Flink; without',
    '-t the element begins with it. @$extret is the address of the element; where COMMANDS do not',
    'name it, it is put behind them, and ARGUMENTS behind that. Without -x the command is dp.',
    '-e shows each command, -m stops after so many elements. For several commands put all of it in',
    'quotes, with a backslash before the quotes inside. The list ends at its start, at a null pointer,',
    'at a link that leads back, or at one that cannot be read.',
  ],
  examples: [
    '!list -x "dps" -a "L2" nt!PsLoadedModuleList',
    '!list "-t nt!_LIST_ENTRY.Flink -m 4 -x \\"dp @$extret L1; .echo next\\" nt!PsLoadedModuleList"',
  ],
  takesCommands: true,
  *run(console, args): CommandRun {
    const request = parseListRequest(listCommand, console, args);
    const data = yield* runOnList(console, request);
    const text = JSON.stringify(request, (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
    const call = `engine.runToEnd(engine.runOnList(session.console, ${text.replace(/"(\d+n)"/, '$1')}))`;
    return { data, lines: endLines(data), call };
  },
};

/** Runs commands for each element, from the first on; what they print are steps. */
export function* runOnList(console: Console, request: ListRequest): Generator<Step, ListRun> {
  const elements: ElementRun[] = [];
  const seen = new Set<Va>();
  const before = console.variables.get('$extret');
  try {
    for (let element = request.start; ; ) {
      seen.add(element);
      elements.push({ element, data: yield* runOnElement(console, request, element) });
      if (console.leaving) return { elements, end: 'left' };
      yield tick;
      const next = nextOf(console, request, element);
      if (typeof next === 'object') return { elements, ...next };
      if (next === request.start) return { elements, end: 'start' };
      if (seen.has(next)) return { elements, end: 'cycle', why: circleText(console, next) };
      if (elements.length >= request.most) return { elements, end: 'count' };
      element = next;
    }
  } finally {
    if (before === undefined) console.variables.delete('$extret');
    else console.variables.set('$extret', before);
  }
}

function* runOnElement(
  console: Console,
  request: ListRequest,
  element: Va,
): Generator<Step, readonly unknown[]> {
  const { commands, more, echo } = request;
  console.variables.set('$extret', element);
  const address = `0x${console.system.plainText(element)}`;
  const text = /\$extret\b/i.test(commands) ? `${commands} ${more}` : `${commands} ${address} ${more}`;
  if (echo) yield linesStep(plain(text.trim()));
  const results = yield* console.runText(text.trim());
  return results.map(({ data }) => data);
}

const circleText = ({ system }: Console, next: Va): string =>
  `The list leads back to ${system.addressText(next)}, which is not its start: it runs in a circle.`;

/** The next element, or how the list ends. */
function nextOf(
  console: Console,
  { link, target }: ListRequest,
  element: Va,
): Va | Pick<ListRun, 'end' | 'why'> {
  const { memory, system } = console;
  const at = wrap64(element + BigInt(link));
  const pointer = system.target.pointerSize === 8 ? memory.tryReadU64(at) : memory.tryReadU32(at);
  if (pointer instanceof Fault) {
    const why = `The link at ${system.addressText(at)} cannot be read: ${describeFault(pointer)}.`;
    return { end: 'missing', why };
  }
  if (pointer === 0n || pointer === 0) return { end: 'null' };
  return wrap64((typeof pointer === 'number' ? signExtend32(pointer) : pointer) - BigInt(target));
}

const endLines = ({ why }: ListRun): Line[] => (why === undefined ? [] : [[span(why, 'dim')]]);
