import type { InstructionInfoFactory, Instruction as RawInstruction } from 'iced-x86';
import type { Va } from '../base/index.ts';
import type { Disassembler, Flow, Instruction, Outline } from './instruction.ts';
import { memoryOperands } from './intel-memory.ts';
import { registerUse } from './intel-registers.ts';
import { branchTarget, mnemonicText, operandTexts } from './intel-text.ts';
import { createIntelTools, type Iced, type IntelTools } from './intel-tools.ts';

/** Longest x86 instruction. */
const maximumLength = 15;

/** x86 and x64 by iced-x86. One native instruction is reused for every decode; what is made per decode is freed there. */
export const createIntelDisassembler = (iced: Iced, machine: 'x64' | 'x86'): Disassembler =>
  new IntelDisassembler(createIntelTools(iced, machine));

class IntelDisassembler implements Disassembler {
  readonly machine: 'x64' | 'x86';
  readonly #tools: IntelTools;
  readonly #raw: RawInstruction;
  readonly #information: InstructionInfoFactory;

  constructor(tools: IntelTools) {
    this.machine = tools.machine;
    this.#tools = tools;
    this.#raw = new tools.iced.Instruction();
    this.#information = new tools.iced.InstructionInfoFactory();
  }

  decode(bytes: Uint8Array, address: Va): Instruction | undefined {
    const window = bytes.subarray(0, maximumLength);
    if (window.length === 0 || !this.#decodeRaw(window, address)) return undefined;
    return this.#describe(window.slice(0, this.#raw.length), address);
  }

  outline(bytes: Uint8Array, address: Va): Outline | undefined {
    const window = bytes.subarray(0, maximumLength);
    if (window.length === 0 || !this.#decodeRaw(window, address)) return undefined;
    return { length: this.#raw.length, mnemonic: mnemonicText(this.#tools, this.#raw) };
  }

  #decodeRaw(window: Uint8Array, address: Va): boolean {
    const { Decoder, DecoderOptions } = this.#tools.iced;
    const is32 = this.machine === 'x86';
    const decoder = new Decoder(is32 ? 32 : 64, window, DecoderOptions.None);
    try {
      decoder.ip = BigInt.asUintN(is32 ? 32 : 64, address);
      decoder.decodeOut(this.#raw);
    } finally {
      decoder.free();
    }
    return !this.#raw.isInvalid;
  }

  #describe(bytes: Uint8Array, address: Va): Instruction {
    const tools = this.#tools;
    const raw = this.#raw;
    const mnemonic = mnemonicText(tools, raw);
    const target = branchTarget(tools, raw);
    const information = this.#information.info(raw);
    try {
      return {
        machine: this.machine,
        address,
        length: bytes.length,
        bytes,
        mnemonic,
        operands: operandTexts(tools, raw, mnemonic),
        flow: flowOf(tools, raw),
        ...(target === undefined ? {} : { target }),
        memory: memoryOperands(tools, raw, information),
        ...registerUse(tools, raw, information),
      };
    } finally {
      information.free();
    }
  }
}

function flowOf({ iced: { FlowControl } }: IntelTools, raw: RawInstruction): Flow {
  switch (raw.flowControl) {
    case FlowControl.UnconditionalBranch:
      return 'branch';
    case FlowControl.ConditionalBranch:
      return 'conditional-branch';
    case FlowControl.IndirectBranch:
      return 'indirect-branch';
    case FlowControl.Return:
      return 'return';
    case FlowControl.IndirectCall:
      return 'indirect-call';
    case FlowControl.Call:
      // The library counts syscall and vmcall among the calls.
      return raw.isCallNear || raw.isCallFar ? 'call' : 'interrupt';
    case FlowControl.Interrupt:
      return 'interrupt';
    case FlowControl.Exception:
      return 'exception';
    case FlowControl.XbeginXabortXend:
      return raw.opCount > 0 && raw.nearBranchTarget !== 0n ? 'conditional-branch' : 'next';
    case FlowControl.Next:
      return 'next';
  }
}
