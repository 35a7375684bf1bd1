import { pageOf, type Va } from '../../base/index.ts';
import type { Instruction } from '../../disasm/index.ts';
import { operandText } from '../../disasm/index.ts';
import { isKernelAddress } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { asText, isNoAddress } from './bad-pointer.ts';
import type { Ground } from './finding.ts';
import { chunkPlaces } from './heap-chunk-places.ts';
import { remembered } from './remember.ts';
import { parameterWith, type Scene } from './scene.ts';
import { showRegisters } from './show.ts';
import { type LoadedFrom, sliceFault } from './slice.ts';

/** An address that the crash itself points to, and the reasoning that leads there. */
export interface Place {
  readonly va: Va;
  readonly grounds: readonly Ground[];
  /** The load that the faulting pointer came from, where that is how it was found. */
  readonly load?: LoadedFrom;
}

/** Words of the stack behind the fault that are looked at. */
const stackWords = 128;
const mostPlaces = 48;

/** Addresses worth a look, the most telling first; one of each page and kind of reasoning. */
export const findPlaces: (scene: Scene) => readonly Place[] = remembered(allPlaces);

function allPlaces(scene: Scene): readonly Place[] {
  const all = [
    ...chunkPlaces(scene),
    ...fromParameters(scene),
    ...fromFreeList(scene),
    ...fromSlice(scene),
    ...fromRegisters(scene),
    ...fromStack(scene),
  ];
  const pages = new Set<Va>();
  const places = all.filter(({ va }) => {
    const page = pageOf(va);
    if (!mayBePool(scene.system, va) || pages.has(page)) return false;
    pages.add(page);
    return true;
  });
  return places.slice(0, mostPlaces);
}

/** A stack and an image hold no pool. */
const mayBePool = (system: CrashedSystem, va: Va): boolean =>
  isKernelAddress(system, va) && system.symbols.locate(va) === undefined;

function fromParameters(scene: Scene): Place[] {
  const address = parameterWith(scene, 'pool-address', 'pool-header');
  if (address === undefined) return [];
  const claim = `The bug check names ${scene.system.shortText(address)}.`;
  return [{ va: address, grounds: [{ rule: 'bug-check-names', claim, command: '.bugcheck' }] }];
}

const [badPoolHeader, damagedList] = [0x19, 3n];

/** A list of free blocks is damaged by the bug check: one of the neighbours of its entry does not lead back. */
function fromFreeList({ system }: Scene): Place[] {
  const { target, shortText: text } = system;
  const [subcode, entry] = target.dump.header.bugCheckParameters;
  if (system.bugCheck.baseCode !== badPoolHeader || subcode !== damagedList) return [];
  const size = BigInt(target.pointerSize);
  const [next, previous] = [target.readPointer(entry), target.readPointer(entry + size)];
  const links = [
    ...(next === undefined ? [] : [{ neighbour: next, back: next + size }]),
    ...(previous === undefined ? [] : [{ neighbour: previous, back: previous }]),
  ];
  return links
    .filter(({ back }) => target.readPointer(back) !== entry)
    .map(({ neighbour, back }) => ({
      va: back,
      grounds: [
        {
          rule: 'list-refused',
          claim: `The bug check names the entry at ${text(entry)} of a list of free blocks: its neighbour at ${text(neighbour)} does not lead back to it.`,
          command: `dq ${text(entry)} L2; dq ${text(neighbour)} L2`,
        },
      ],
    }));
}

function fromSlice(scene: Scene): Place[] {
  const { system } = scene;
  return sliceFault(scene)
    .filter(({ holds, value }) => holds === true && isNoAddress(system, value))
    .map((load) => ({ va: load.cell, load, grounds: sliceGrounds(scene, load) }));
}

function sliceGrounds(scene: Scene, load: LoadedFrom): Ground[] {
  const { system, fault } = scene;
  const { register, value, cell, instruction, frame } = load;
  const text = system.shortText;
  const words = asText(value, system.target.pointerSize);
  const what = words === undefined ? 'which is no address' : `which is text ("${words}"), not a pointer`;
  const by = plain(instruction);
  const where = frame === 0 ? '' : `, ${frame === 1 ? 'one frame' : `${frame} frames`} up`;
  return [
    {
      rule: 'followed-pointer',
      claim: `The fault went through ${register} = ${text(value)}, ${what}.`,
      command: showRegisters(scene),
    },
    {
      rule: 'loaded-from',
      claim: `${register} was loaded from ${text(cell)} by ${by}${where}, and the cell holds that value still.`,
      command: `${frame === 0 ? `ub ${text(fault!.ip)}; ` : ''}dq ${text(cell)} L1`,
    },
  ];
}

const plain = (instruction: Instruction): string =>
  `${instruction.mnemonic} ${operandText(instruction, () => undefined)}`;

/** What the registers at the fault point to. */
function fromRegisters({ system, fault }: Scene): Place[] {
  const known = fault?.registers ?? system.start?.registers;
  if (known === undefined) return [];
  const skipped = new Set(['rsp', 'esp', 'rip', 'eip', 'sp', 'pc']);
  return [...known.entries()]
    .filter(([name]) => !skipped.has(name))
    .map(([name, va]) => ({
      va,
      grounds: [mention(`Register ${name} points there.`, `!pool ${system.shortText(va)}`)],
    }));
}

function fromStack({ system, fault, frames }: Scene): Place[] {
  const sp = fault?.registers?.sp ?? frames[0]?.sp;
  if (sp === undefined) return [];
  const { pointerSize } = system.target;
  const places: Place[] = [];
  for (let index = 0; index < stackWords; index++) {
    const at = sp + BigInt(index * pointerSize);
    const va = system.target.readPointer(at);
    if (va !== undefined)
      places.push({
        va,
        grounds: [
          mention(
            `The stack holds its address at ${system.shortText(at)}.`,
            `dps ${system.shortText(at)} L1`,
          ),
        ],
      });
  }
  return places;
}

/** Where an address was seen: no more than a hint. */
const mention = (claim: string, command: string): Ground => ({ rule: 'mentioned', claim, command });
