import type { Va } from '../base/index.ts';
import { RegisterSet } from '../cpu/index.ts';
import type { FoundFrame } from './found-frame.ts';
import type { UnwindContext } from './frame.ts';
import { decodeMachineFrame, looksLikeMachineFrame, machineFrameSize } from './machine-frame.ts';
import { findCallBefore } from './return-address.ts';
import type { StackWords } from './stack-words.ts';

/** An image starts with at least this many bytes of headers. */
const smallestHeaders = 0x200n;

/** The words of one stack, searched for return addresses and, on x64, for machine frames. */
export class StackScan {
  readonly #context: UnwindContext;
  readonly #words: StackWords;
  readonly #user: boolean;
  readonly #machineFrames: readonly PlacedFrame[];

  constructor(context: UnwindContext, words: StackWords, user: boolean) {
    this.#context = context;
    this.#words = words;
    this.#user = user;
    this.#machineFrames = context.machine === 'x64' ? [...findMachineFrames(context, words)] : [];
  }

  /** Can `va` be searched from? */
  covers(va: Va): boolean {
    return this.#words.covers(va);
  }

  /** The next frame from `from` up; undefined at the end of the words. Saved registers are no return addresses. */
  find(from: Va): FoundFrame | undefined {
    const { bytes, wordSize } = this.#words;
    const first = this.#words.offsetOf(from);
    const trap = this.#machineFrames.find(({ offset }) => offset >= first);
    for (let offset = first; offset + wordSize <= bytes.length; offset += wordSize) {
      if (trap !== undefined && offset >= trap.savedFrom) return trap.frame;
      const frame = this.#returnAddressAt(offset);
      if (frame !== undefined) return frame;
    }
    return undefined;
  }

  #returnAddressAt(offset: number): FoundFrame | undefined {
    if (!this.#words.isAddress(offset, this.#user)) return undefined;
    const ip = this.#words.pointerAt(offset);
    const judged = judgeReturnAddress(this.#context, ip);
    if (judged === undefined) return undefined;
    const sp = this.#words.start + BigInt(offset + this.#words.wordSize);
    return { ip, sp, registers: scannedRegisters(this.#context, ip, sp), trust: 'scan', note: judged.note };
  }
}

interface PlacedFrame {
  /** Of the machine frame. */
  readonly offset: number;
  /** Where the registers saved with it start; the same offset when there are none. */
  readonly savedFrom: number;
  readonly frame: FoundFrame;
}

function* findMachineFrames(
  context: UnwindContext,
  { bytes, start, wordSize }: StackWords,
): Generator<PlacedFrame> {
  for (let offset = 0; offset + machineFrameSize <= bytes.length; offset += wordSize) {
    if (!looksLikeMachineFrame(bytes, offset)) continue;
    const found = decodeMachineFrame(context, bytes, offset, start + BigInt(offset));
    if (found === undefined) continue;
    const { registers, trapFrame } = found;
    const savedFrom = trapFrame === undefined ? offset : Number(trapFrame - start);
    const note = 'machine frame recognised on the stack';
    yield {
      offset,
      savedFrom,
      frame: { ip: registers.ip!, sp: registers.sp!, registers, trust: 'trap', trapFrame, note },
    };
  }
}

/** Only where a call pops exactly its return address is the caller's stack pointer known. */
function scannedRegisters({ machine }: UnwindContext, ip: Va, sp: Va): RegisterSet {
  if (machine === 'x64')
    return new RegisterSet('x64', [
      ['rip', ip],
      ['rsp', sp],
    ]);
  if (machine === 'arm64') return new RegisterSet('arm64', [['pc', ip]]);
  return new RegisterSet('x86', [['eip', BigInt.asUintN(32, ip)]]);
}

/** Undefined when `ip` cannot be a return address: not in the code of a module, or not behind a call. */
export function judgeReturnAddress(
  context: UnwindContext,
  ip: Va,
): { readonly note: string | undefined } | undefined {
  const module = context.code.findModule(ip);
  if (module === undefined || ip - module.base < smallestHeaders) return undefined;
  const executable = module.isExecutable(ip);
  if (executable === false) return undefined;
  const call = findCallBefore(context, ip);
  if (call === 'no-call') return undefined;
  if (call === 'unknown' && module.isFunctionStart?.(ip) === true) return undefined;
  const unknown = [
    ...(executable === undefined ? ['the section headers of the module'] : []),
    ...(call === 'unknown' ? ['the code before the return address'] : []),
  ];
  return { note: unknown.length === 0 ? undefined : `not in the dump: ${unknown.join(', ')}` };
}
