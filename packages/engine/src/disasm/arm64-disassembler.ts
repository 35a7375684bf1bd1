import type * as CapstoneModule from 'capstone-wasm';
import { readU32, type Va } from '../base/index.ts';
import { arm64Flow, isDirectBranch, pcRelativeAddress } from './arm64-encoding.ts';
import { type Arm64Parts, arm64Memory } from './arm64-memory.ts';
import { arm64Registers } from './arm64-registers.ts';
import { debuggerMnemonic, debuggerOperands, splitOperands } from './arm64-text.ts';
import type { Disassembler, Instruction } from './instruction.ts';

const wordSize = 4;

/**
 * arm64 by capstone-wasm, which gives text only: control flow and pc-relative addresses are taken from the instruction
 * word (so the library never sees an address), registers and memory from the text. One handle is opened and kept.
 */
export async function createArm64Disassembler(capstone: typeof CapstoneModule): Promise<Disassembler> {
  await capstone.loadCapstone();
  const { CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN } = capstone.Const;
  return new Arm64Disassembler(new capstone.Capstone(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN));
}

class Arm64Disassembler implements Disassembler {
  readonly machine = 'arm64';
  readonly #capstone: CapstoneModule.Capstone;

  constructor(capstone: CapstoneModule.Capstone) {
    this.#capstone = capstone;
  }

  decode(bytes: Uint8Array, address: Va): Instruction | undefined {
    if (bytes.length < wordSize) return undefined;
    const code = bytes.slice(0, wordSize);
    const text = this.#textOf(code);
    return text === undefined ? undefined : describe(code, address, ...text);
  }

  /** Mnemonic and operands. The library throws for a word that is no instruction. */
  #textOf(code: Uint8Array): [mnemonic: string, operands: string] | undefined {
    try {
      const [found] = this.#capstone.disasm(code, { address: 0, count: 1 });
      return found === undefined ? undefined : [found.mnemonic, found.opStr];
    } catch {
      return undefined;
    }
  }
}

function describe(code: Uint8Array, address: Va, mnemonic: string, operands: string): Instruction {
  const word = readU32(code, 0);
  const named = pcRelativeAddress(word, address);
  const flow = arm64Flow(word);
  const distance = named === undefined ? undefined : BigInt.asIntN(64, named - address);
  const parts = preferredForm({ mnemonic, operands: splitOperands(operands), distance });
  return {
    machine: 'arm64',
    address,
    length: wordSize,
    bytes: code,
    mnemonic: debuggerMnemonic(parts.mnemonic),
    operands: debuggerOperands(parts.operands, named),
    flow,
    ...(named !== undefined && isDirectBranch(flow) ? { target: named } : {}),
    memory: arm64Memory(parts),
    ...arm64Registers(parts),
  };
}

/** The library shows some moves of constants as `orr x8, xzr, #n`; the architecture's preferred name is mov. */
function preferredForm(parts: Arm64Parts): Arm64Parts {
  const [to, from, value] = parts.operands;
  if (parts.mnemonic !== 'orr' || !/^[wx]zr$/.test(from ?? '') || !value?.startsWith('#')) return parts;
  return { ...parts, mnemonic: 'mov', operands: [to!, value] };
}
