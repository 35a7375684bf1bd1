import type { Instruction as RawInstruction } from 'iced-x86';
import { padHex } from '../base/index.ts';
import type { OperandText } from './instruction.ts';
import { signedDisplacement } from './intel-memory.ts';
import { type IntelTools, toVa } from './intel-tools.ts';
import { addressText, masmNumber } from './number-text.ts';

/**
 * A memory operand as the debugger prints it: `qword ptr [rax+8]`, `gs:[188h]`, `[Driver+0x2030 (fffff804`789a2030)]`,
 * and on x86 `dword ptr nt!KeServiceDescriptorTable (8055a680)[eax]`. `formatted` is the library's text, of which the
 * size before the address and the decorations behind it are kept.
 */
export function memoryText(
  tools: IntelTools,
  raw: RawInstruction,
  mnemonic: string,
  formatted: string,
): OperandText {
  const size = sizeText(tools, raw, mnemonic, formatted);
  const decorations = formatted.slice(formatted.lastIndexOf(']') + 1);
  const segment = raw.hasSegmentPrefix ? `${tools.nameOf(raw.segmentPrefix)}:` : '';
  const registers = registerText(tools, raw);
  if (raw.isIpRelMemoryOperand) return ipRelative(tools, raw, `${size}${segment}`, decorations);
  if (registers === '') return absolute(tools, raw, size, segment, decorations);
  const plain = `${size}${segment}[${registers}${displacementText(tools, raw)}]${decorations}`;
  return canNameDisplacement(tools, raw)
    ? {
        address: toVa(tools, raw.memoryDisplacement),
        before: `${size}${segment}`,
        after: `[${registers}]${decorations}`,
        plain,
      }
    : plain;
}

/** The debugger calls 64 bits of a floating-point register `mmword`, and gives a prefetch no size. */
function sizeText({ iced }: IntelTools, raw: RawInstruction, mnemonic: string, formatted: string): string {
  const size = /^(?:[a-z0-9]+ (?:ptr|bcst) )?/.exec(formatted)![0];
  if (mnemonic.startsWith('prefetch')) return '';
  const isScalarDouble = raw.memorySize === iced.MemorySize.Float64 && !/^f|^v?mov[hl]p/.test(mnemonic);
  return size === 'qword ptr ' && (isScalarDouble || /^v?movq$/.test(mnemonic)) ? 'mmword ptr ' : size;
}

function ipRelative(
  tools: IntelTools,
  raw: RawInstruction,
  before: string,
  decorations: string,
): OperandText {
  const address = toVa(tools, raw.ipRelMemoryAddress);
  const after = `]${decorations}`;
  const plain = `${before}[${addressText(tools.machine, address)}${after}`;
  return usesThreadSegment(tools, raw) ? plain : { address, before: `${before}[`, after, plain };
}

/** `rax+rcx*8`, or '' for an absolute address. */
function registerText({ nameOf }: IntelTools, raw: RawInstruction): string {
  const base = nameOf(raw.memoryBase);
  const index = nameOf(raw.memoryIndex);
  if (index === '') return base;
  const scaled = raw.memoryIndexScale === 1 ? index : `${index}*${raw.memoryIndexScale}`;
  return base === '' ? scaled : `${base}+${scaled}`;
}

function displacementText(tools: IntelTools, raw: RawInstruction): string {
  const value = signedDisplacement(tools, raw);
  if (value === 0n) return '';
  return value < 0n ? `-${masmNumber(-value)}` : `+${masmNumber(value)}`;
}

/** fs and gs add a base of their own: such an address has no name. */
const usesThreadSegment = ({ iced: { Register } }: IntelTools, raw: RawInstruction): boolean =>
  raw.segmentPrefix === Register.FS || raw.segmentPrefix === Register.GS;

/** On x86 a full-size displacement beside registers may be the address of a table. */
const canNameDisplacement = (tools: IntelTools, raw: RawInstruction): boolean =>
  tools.machine === 'x86' && raw.memoryDisplSize === 4 && !usesThreadSegment(tools, raw);

/** An address without registers: `fs:[124h]`, `ds:[8003F330h]`, `[nt!KeTickCount (8055a000)]`. */
function absolute(
  tools: IntelTools,
  raw: RawInstruction,
  size: string,
  segment: string,
  decorations: string,
): OperandText {
  const value = BigInt.asUintN(tools.machine === 'x86' ? 32 : 64, raw.memoryDisplacement);
  const shownSegment = segment === '' && tools.machine === 'x86' ? 'ds:' : segment;
  const digits = isAccumulatorMove(tools, raw) ? wideNumber(tools, value) : masmNumber(value);
  const plain = `${size}${shownSegment}[${digits}]${decorations}`;
  if (usesThreadSegment(tools, raw)) return plain;
  return {
    address: toVa(tools, raw.memoryDisplacement),
    before: `${size}[`,
    after: `]${decorations}`,
    plain,
  };
}

/** mov between the accumulator and an address in the instruction (opcodes A0..A3), which prints all its digits. */
const isAccumulatorMove = ({ iced: { Code } }: IntelTools, { code }: RawInstruction): boolean =>
  code >= Code.Mov_AL_moffs8 && code <= Code.Mov_moffs64_RAX;

const wideNumber = ({ machine }: IntelTools, value: bigint): string =>
  `${padHex(value, machine === 'x86' ? 8 : 16).toUpperCase()}h`;
