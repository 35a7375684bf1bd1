import type { Va } from '@poolscope/engine/base';
import type { Registers, TrueFrame } from '../machine/truth.ts';
import type { CodeSlot } from './code-map.ts';
import type { CpuFault } from './cpu-fault.ts';

/** A fault as it happened. */
export interface RecordedFault {
  readonly fault: CpuFault;
  readonly slot: CodeSlot | undefined;
  readonly registers: Registers;
}

/** Which functions a thread is in, noted down as it goes: what a stack should show. */
export class CallRecord {
  readonly #older: TrueFrame[] = [];
  readonly #trapFrames: (Va | undefined)[] = [];
  readonly faults: RecordedFault[] = [];
  /** Trap frame that the running function has made. */
  trapFrame: Va | undefined;

  leave(slot: CodeSlot | undefined, registers: Registers, leftBy: 'call' | 'trap', fault?: CpuFault): void {
    this.#older.push(this.#frame(slot, registers, leftBy));
    this.#trapFrames.push(this.trapFrame);
    this.trapFrame = undefined;
    if (fault !== undefined) this.faults.push({ fault, slot, registers });
  }

  /** The first frame of a system call is that of user mode, where the lab has no images. */
  leaveUser(registers: Registers, { ip, sp }: { readonly ip: Va; readonly sp: Va }): void {
    this.#older.push({ function: undefined, offset: 0, ip, sp, leftBy: 'trap', registers });
    this.#trapFrames.push(undefined);
    this.trapFrame = undefined;
  }

  comeBack(): void {
    this.#older.pop();
    this.trapFrame = this.#trapFrames.pop();
  }

  clear(): void {
    this.#older.length = 0;
    this.#trapFrames.length = 0;
    this.faults.length = 0;
    this.trapFrame = undefined;
  }

  /** The trap frame nearest to the running function. */
  get newestTrapFrame(): Va | undefined {
    return this.trapFrame ?? this.#trapFrames.findLast((each) => each !== undefined);
  }

  /** Newest first, with the running function. */
  frames(slot: CodeSlot | undefined, registers: Registers): TrueFrame[] {
    return [this.#frame(slot, registers, 'context'), ...this.#older.toReversed()];
  }

  #frame(slot: CodeSlot | undefined, registers: Registers, leftBy: TrueFrame['leftBy']): TrueFrame {
    const ip = registers['rip']!;
    return {
      function: slot?.function.symbol,
      offset: slot === undefined ? 0 : Number(ip - slot.function.address),
      ip,
      leftBy,
      sp: registers['rsp']!,
      registers,
      ...(this.trapFrame === undefined ? {} : { trapFrame: this.trapFrame }),
    };
  }
}
