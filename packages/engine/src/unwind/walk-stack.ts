import type { Va } from '../base/index.ts';
import type { RegisterSet } from '../cpu/index.ts';
import { unwindArm64 } from './arm64.ts';
import { findTrapHandler, readInterrupted } from './exception-frame.ts';
import type { FoundFrame } from './found-frame.ts';
import {
  type Frame,
  isInterrupted,
  isUserAddress,
  type StackRange,
  type UnwindContext,
  UnwindFailure,
  type UnwindStep,
} from './frame.ts';
import {
  findByFramePointer,
  findByLinkRegister,
  findX86EntryCaller,
  findX86Trap,
  isBeforeArm64Frame,
} from './frame-pointer.ts';
import { judgeReturnAddress, StackScan } from './scan.ts';
import { StackWords } from './stack-words.ts';
import { unwindX64 } from './x64.ts';
import { findByFrameData } from './x86.ts';

const defaultFrames = 256;

/**
 * The frames of a stack from the innermost out, each saying how it was found. Where an image's unwind tables are in the
 * dump, or symbols of x86 tell of frames, they decide; else frame pointers (x86, arm64), else a scan of the stack. Never throws on any memory, and ends:
 * after `maxFrames`, at address 0, at the border of user mode, or where the stack is not in the dump. Registers without
 * an instruction or stack pointer give no frame.
 */
export function* walkStack(
  start: RegisterSet,
  context: UnwindContext,
  options: { readonly maxFrames?: number } = {},
): Generator<Frame> {
  const { ip, sp } = start;
  if (ip === undefined || sp === undefined) return;
  let current: FoundFrame = { ip, sp, registers: start, trust: 'context' };
  const walk = new Walk(context, isInUserMode(current));
  for (let count = options.maxFrames ?? defaultFrames; count > 0; count--) {
    const next = walk.next(current);
    yield toFrame(current, next);
    if ('ended' in next) return;
    current = next;
  }
}

/** By ip and sp together: kernel code that jumped through a bad pointer has a strange ip on a kernel stack. */
const isInUserMode = ({ ip, sp }: FoundFrame): boolean => isUserAddress(ip) && isUserAddress(sp);

/** The end of a walk, and the value that ended it. */
interface Ended {
  readonly ended: true;
  readonly returnAddress: Va | undefined;
  /** The caller's, where the return address is known. */
  readonly sp: Va | undefined;
}

const ended = (returnAddress?: Va, sp?: Va): Ended => ({ ended: true, returnAddress, sp });

function toFrame({ ip, sp, trust, registers, note }: FoundFrame, next: FoundFrame | Ended): Frame {
  const returnAddress = 'ended' in next ? next.returnAddress : next.ip;
  const trapFrame = 'ended' in next ? undefined : next.trapFrame;
  return {
    ip,
    sp,
    ...(returnAddress === undefined ? {} : { returnAddress }),
    ...(next.sp === undefined ? {} : { callerSp: next.sp }),
    trust,
    registers,
    ...(trapFrame === undefined ? {} : { trapFrame }),
    ...(note === undefined ? {} : { note }),
  };
}

/** One walk: which stacks it was on, and the scan of the present one. */
class Walk {
  readonly #context: UnwindContext;
  readonly #user: boolean;
  readonly #stacks: readonly StackRange[];
  readonly #left = new Set<StackRange>();
  readonly #seen = new Set<string>();
  #scan: StackScan | undefined;
  #previous: FoundFrame | undefined;

  constructor(context: UnwindContext, user: boolean) {
    this.#context = context;
    this.#user = user;
    this.#stacks = context.stacks ?? [];
  }

  next(current: FoundFrame): FoundFrame | Ended {
    if (isInUserMode(current) !== this.#user) return ended();
    this.#seen.add(keyOf(current));
    const byTable = this.#byTable(current);
    const found =
      byTable ?? this.#byTrapHandler(current) ?? this.#byFramePointer(current) ?? this.#byScan(current);
    this.#previous = current;
    if (found === undefined || 'ended' in found) return found ?? ended();
    if (!this.#mayFollow(current, found)) return ended(found.ip, found.sp);
    this.#noteChange(current, found);
    return found;
  }

  /** The frame that the unwind tables tell, or undefined when they do not or what they tell cannot be. */
  #byTable(current: FoundFrame): FoundFrame | Ended | undefined {
    if (this.#context.machine === 'x86') return this.#byFrameData(current);
    const step = this.#unwind(current.registers);
    if (step instanceof UnwindFailure) return undefined;
    const ip = step.registers.ip!;
    const sp = step.registers.sp!;
    const base = { ip, sp, registers: step.registers };
    if (step.trap && ip !== 0n)
      return { ...base, trust: 'trap', trapFrame: step.trapFrame, note: this.#noteOn(ip) };
    if (this.#isDoubtful(current, step, sp)) {
      const judged = judgeReturnAddress(this.#context, ip);
      return judged === undefined ? undefined : { ...base, trust: 'unwind', note: judged.note };
    }
    if (ip === 0n || isUserAddress(ip) !== this.#user) return ended(ip, sp);
    return { ...base, trust: 'unwind', note: this.#noteOn(ip) };
  }

  /** By the symbols of x86 code. A trap handler's frame record is the beginning of its trap frame, which tells more. */
  #byFrameData(current: FoundFrame): FoundFrame | Ended | undefined {
    const context = this.#context;
    const found = findByFrameData(context, current, this.#previous, this.#stackOf(current.sp));
    if (found === undefined) return undefined;
    const { fp } = current.registers;
    if (fp !== undefined && found.sp === fp + 8n && findX86Trap(context, current) !== undefined)
      return undefined;
    if (found.ip !== 0n) return found;
    return current.trust === 'scan' || current.trust === 'frame-pointer' ? undefined : ended(0n, found.sp);
  }

  #unwind(registers: RegisterSet): UnwindStep | UnwindFailure {
    const { machine } = this.#context;
    return machine === 'x64' ? unwindX64(registers, this.#context) : unwindArm64(registers, this.#context);
  }

  /**
   * A step from a frame that was itself a guess, from a function that has no entry, or out of the stack without a trap:
   * its result must look like a return address.
   */
  #isDoubtful({ trust, sp: from }: FoundFrame, { by }: UnwindStep, to: Va): boolean {
    if (trust === 'scan' || trust === 'frame-pointer' || by === 'leaf') return true;
    const stack = this.#stackOf(from);
    return stack !== undefined && stack !== this.#stackOf(to) && to !== stack.base;
  }

  #noteOn(ip: Va): string | undefined {
    return isUserAddress(ip) || this.#context.code.findModule(ip) !== undefined
      ? undefined
      : 'the address is in no module';
  }

  #byFramePointer(current: FoundFrame): FoundFrame | undefined {
    const { machine } = this.#context;
    const stack = this.#stackOf(current.sp);
    const interrupted = isInterrupted(current.trust);
    if (machine === 'x86') {
      const atEntry = interrupted ? findX86EntryCaller(this.#context, current) : undefined;
      return (
        atEntry ?? findX86Trap(this.#context, current) ?? findByFramePointer(this.#context, current, stack)
      );
    }
    if (machine !== 'arm64') return undefined;
    const byLink = (): FoundFrame | undefined =>
      interrupted ? findByLinkRegister(this.#context, current) : undefined;
    const atEntry = interrupted && isBeforeArm64Frame(this.#context, current) ? byLink() : undefined;
    return atEntry ?? findByFramePointer(this.#context, current, stack) ?? byLink();
  }

  /** The interrupted code, or the handler behind the first frame's caller. */
  #byTrapHandler(current: FoundFrame): FoundFrame | undefined {
    if (current.handles !== undefined) return readInterrupted(this.#context, current.handles);
    return this.#previous === undefined ? undefined : findTrapHandler(this.#context, this.#previous, current);
  }

  #byScan(current: FoundFrame): FoundFrame | undefined {
    const { machine, memory } = this.#context;
    if (this.#stacks.some(({ base }) => base === current.sp)) return undefined;
    if (this.#scan?.covers(current.sp) !== true) {
      const words = new StackWords(machine, memory, current.sp, this.#stackOf(current.sp));
      this.#scan = new StackScan(this.#context, words, this.#user);
    }
    return this.#scan!.find(current.sp);
  }

  /** Stack pointers rise within a stack, and no stack is entered twice; an arm64 leaf has no frame of its own. */
  #mayFollow(current: FoundFrame, found: FoundFrame): boolean {
    if (this.#seen.has(keyOf(found))) return false;
    if (isUserAddress(found.ip) !== this.#user) return found.trust === 'trap';
    const from = this.#stackOf(current.sp);
    const to = this.#stackOf(found.sp);
    if (from !== to) return to === undefined || !this.#left.has(to);
    if (found.sp > current.sp) return true;
    const interrupted = isInterrupted(current.trust);
    if (this.#context.machine === 'arm64' && found.sp === current.sp) return interrupted;
    // Between two stacks of which nothing is known an interruption may lead anywhere.
    return from === undefined && found.trust === 'trap';
  }

  #noteChange(current: FoundFrame, found: FoundFrame): void {
    const from = this.#stackOf(current.sp);
    if (from !== undefined && from !== this.#stackOf(found.sp)) this.#left.add(from);
  }

  #stackOf(sp: Va): StackRange | undefined {
    return this.#stacks.find(({ limit, base }) => sp >= limit && sp < base);
  }
}

const keyOf = ({ ip, sp }: FoundFrame): string => `${ip} ${sp}`;
