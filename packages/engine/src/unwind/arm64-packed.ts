import { ImageProblem } from '../pe/index.ts';
import { type Arm64Op, type Arm64UnwindInfo, push, save } from './arm64-codes.ts';

/**
 * Fields of a packed entry. Bits: 0 Flag (1 function, 2 part without prolog), 2 FunctionLength, 13 RegF, 16 RegI,
 * 20 H, 21 CR, 23 FrameSize. Source: the public ARM64 exception documentation.
 */
interface Packed {
  readonly fragment: boolean;
  readonly length: number;
  /** Vector registers saved from d8 on. */
  readonly vectors: number;
  /** Integer registers saved from x19 on. */
  readonly integers: number;
  /** The first eight arguments are stored. */
  readonly homes: boolean;
  readonly savesLr: boolean;
  readonly chained: boolean;
  readonly signed: boolean;
  /** Bytes of the save area and of the rest of the frame. */
  readonly saved: number;
  readonly locals: number;
}

const field = (word: number, from: number, count: number): number => (word >>> from) & ((1 << count) - 1);

function decodePacked(word: number): Packed | undefined {
  const regF = field(word, 13, 3);
  const integers = field(word, 16, 4);
  const cr = field(word, 21, 2);
  const homes = field(word, 20, 1) === 1;
  const vectors = regF === 0 ? 0 : regF + 1;
  const slots = integers + (cr === 1 ? 1 : 0) + vectors;
  // Without saved registers the arguments are stored in the local area.
  const saved = slots === 0 ? 0 : Math.ceil((slots + (homes ? 8 : 0)) / 2) * 16;
  const locals = field(word, 23, 9) * 16 - saved;
  if (integers > 10 || locals < 0) return undefined;
  const common = {
    fragment: (word & 3) === 2,
    length: field(word, 2, 11),
    vectors,
    integers,
    homes,
    saved,
    locals,
  };
  return { ...common, savesLr: cr === 1, chained: cr >= 2, signed: cr === 2 };
}

/** The prolog and the epilog that a packed entry stands for. */
export function expandPacked(word: number): Arm64UnwindInfo | ImageProblem {
  const packed = decodePacked(word);
  if (packed === undefined) return new ImageProblem('damaged', 'the packed unwind data contradicts itself');
  const { saves, homes, locals, frame } = instructionsOf(packed);
  const undo = (parts: readonly Arm64Op[]): Arm64Op[] => [...parts].reverse();
  const prolog = [...undo([...saves, ...homes, ...locals, ...frame]), end];
  if (packed.fragment)
    return { length: packed.length, prolog: [{ kind: 'end-chained' }, ...prolog], epilogs: [] };
  // The epilog neither sets the frame pointer nor stores arguments.
  const ops = [...undo([...saves, ...locals]), end];
  return { length: packed.length, prolog, epilogs: [{ start: packed.length - ops.length, ops }] };
}

const end: Arm64Op = { kind: 'end' };

/** The prolog's instructions in the order of running, in four groups. */
function instructionsOf(packed: Packed): Record<'saves' | 'homes' | 'locals' | 'frame', Arm64Op[]> {
  const { chained, locals, saved, signed, homes } = packed;
  const framed = chained && locals > 0;
  const nop: Arm64Op = { kind: 'nop' };
  return {
    saves: [...(signed ? [{ kind: 'pac' } as const] : []), ...savesOf(packed)],
    homes: homes && saved > 0 ? [nop, nop, nop, nop] : [],
    locals: framed ? frameRecord(locals) : allocate(locals),
    frame: framed ? [{ kind: 'set-fp', bytes: 0 }] : [],
  };
}

/** Largest immediate of a subtraction that keeps the stack aligned. */
const maxSub = 4080;

function allocate(bytes: number): Arm64Op[] {
  if (bytes === 0) return [];
  if (bytes <= maxSub) return [{ kind: 'alloc', bytes }];
  return [
    { kind: 'alloc', bytes: maxSub },
    { kind: 'alloc', bytes: bytes - maxSub },
  ];
}

const frameRecord = (bytes: number): Arm64Op[] =>
  bytes <= 512 ? [push('x', [29, 30], bytes)] : [...allocate(bytes), save('x', [29, 30], 0)];

/** Stores of x19.., lr and d8..: the first one makes room for all. */
function savesOf({ integers, savesLr, vectors, saved }: Packed): Arm64Op[] {
  const groups: (readonly ['x' | 'd', number[]])[] = [];
  const names = [...Array.from({ length: integers }, (_, index) => 19 + index), ...(savesLr ? [30] : [])];
  // An odd register before lr is stored with it; any other odd one alone.
  for (let index = 0; index < names.length; index += 2) groups.push(['x', names.slice(index, index + 2)]);
  const vectorNames = Array.from({ length: vectors }, (_, index) => 8 + index);
  for (let index = 0; index < vectors; index += 2) groups.push(['d', vectorNames.slice(index, index + 2)]);
  // There is no pre-decrementing store of x19 with lr: the room is made by an instruction of its own.
  const apart = integers === 1 && savesLr;
  let offset = 0;
  const stores = groups.map(([bank, registers], index) => {
    const at = offset;
    offset += registers.length * 8;
    return index === 0 && !apart ? push(bank, registers, saved) : save(bank, registers, at);
  });
  return apart ? [{ kind: 'alloc', bytes: saved }, ...stores] : stores;
}
