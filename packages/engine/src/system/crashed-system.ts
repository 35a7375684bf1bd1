import { Fault, padHex, prefixHex, tickHex, type Va } from '../base/index.ts';
import type { ExceptionRecord, Machine, RegisterSet } from '../cpu/index.ts';
import type { Disassembler, Instruction } from '../disasm/index.ts';
import type { VirtualMemory } from '../mmu/index.ts';
import type { Symbols } from '../symbols/index.ts';
import { type KernelTypes, kernelTypes, moduleTypes } from '../types/index.ts';
import { type Frame, type FrameRegisters, frameRegisters, walkStack } from '../unwind/index.ts';
import {
  type BugCheck,
  type BugCheckFacts,
  type BugCheckRecords,
  type DebuggerData,
  describeBugCheck,
  findCrashedProcessor,
  headerContext,
  headerException,
  KernelStructures,
  layoutFacts,
  type Module,
  type Process,
  type Processor,
  readBugCheckRecords,
  readProcess,
  readProcessors,
  readSystemInfo,
  readThread,
  type Sourced,
  type SystemInfo,
  type Target,
  type Thread,
  type UnloadedModule,
} from '../windows/index.ts';
import { knownStacks } from './known-stacks.ts';
import { readArguments } from './stack-arguments.ts';
import { readSystemParts, type SystemParts } from './system-parts.ts';

const liveAttribute = 0x10;
const liveSystemDump = 0x161;

/** Longest instruction of x86. */
const maxInstruction = 15;

/** Registers to start from, and what kind of record they come from. */
export interface StartingPoint {
  readonly registers: RegisterSet;
  readonly kind: 'context' | 'trap';
  readonly from: string;
}

/** The crashed machine as far as the dump tells: every part is read once, when the system is opened. */
export class CrashedSystem {
  readonly target: Target;
  readonly disassembler: Disassembler | undefined;
  readonly data: Sourced<DebuggerData> | undefined;
  readonly info: SystemInfo;
  readonly modules: readonly Module[];
  readonly unloadedModules: readonly UnloadedModule[];
  readonly symbols: Symbols;
  /** Structures of this kernel; undefined when no profile fits its machine. */
  readonly types: KernelTypes | undefined;
  /** Structures of its objects, less what the dump contradicts, and what the dump itself tells. */
  readonly structures: KernelStructures;
  readonly processors: readonly Processor[];
  readonly crashedProcessor: Processor | undefined;
  readonly thread: Thread | undefined;
  readonly process: Process | undefined;
  readonly bugCheckFacts: BugCheckFacts;
  readonly bugCheck: BugCheck;
  readonly records: BugCheckRecords;
  /** Context of the processor that stopped the machine, from the dump header or its PRCB. */
  readonly processorContext: Sourced<RegisterSet> | undefined;

  /** `parts` may have been given symbols before. */
  constructor(
    target: Target,
    disassembler: Disassembler | undefined,
    parts: SystemParts = readSystemParts(target),
  ) {
    this.target = target;
    this.disassembler = disassembler;
    this.data = parts.data;
    const data = this.data?.value;
    this.info = readSystemInfo(target, data);
    this.modules = parts.modules;
    this.unloadedModules = parts.unloadedModules;
    this.symbols = parts.symbols;
    const facts = layoutFacts(data, target.machine);
    this.types = kernelTypes(target.machine, target.dump.header.build, facts, this.#tableOf(this.kernel));
    this.structures = new KernelStructures(target, this.types, facts);
    this.processors = readProcessors(target, data);
    const fromHeader = headerContext(target);
    this.crashedProcessor = findCrashedProcessor(target, data, this.processors, fromHeader?.value);
    this.processorContext = fromHeader ?? this.crashedProcessor?.context;
    const thread = this.crashedProcessor?.currentThread;
    this.thread = thread === undefined || data === undefined ? undefined : readThread(target, data, thread);
    const process = this.thread?.process;
    this.process = process === undefined ? undefined : readProcess(target, data, process, this.types);
    const { bugCheckCode: code, bugCheckParameters: parameters, build, machine } = target.dump.header;
    this.bugCheckFacts = { code, parameters, build, machine };
    this.bugCheck = describeBugCheck(this.bugCheckFacts);
    this.records = readBugCheckRecords(target, this.bugCheck, this.processorContext?.value);
  }

  /**
   * Was the dump taken of a running system? The header's attributes say so, or the code that live dumps carry.
   * Source: mindumpdef.h (bit 4); Microsoft's page on bug check 0x161.
   */
  get isLive(): boolean {
    const { header } = this.target.dump;
    return ((header.attributes ?? 0) & liveAttribute) !== 0 || header.bugCheckCode === liveSystemDump;
  }

  /** Was the list of loaded modules read to its end? */
  get hasAllModules(): boolean {
    return (
      this.modules.length > 0 &&
      !this.target.warnings.list.some(({ rule }) => rule === 'module-list' || rule === 'module-entry')
    );
  }

  /** The kernel's own image. */
  get kernel(): Module | undefined {
    return this.modules.find((module) => module.name === 'nt');
  }

  /** Structures that a module describes by its own symbols; the kernel's are always known as far as `types` goes. */
  typesOf(module: Module): KernelTypes | undefined {
    return module.base === this.kernel?.base ? this.types : moduleTypes(this.machine, this.#tableOf(module));
  }

  #tableOf(module: Module | undefined) {
    return module === undefined ? undefined : this.symbols.moduleAt(module.base)?.table;
  }

  get machine(): Machine {
    return this.target.machine;
  }

  get memory(): VirtualMemory {
    return this.target.memory;
  }

  /** Registers at the fault where the bug check's parameters name them, else those at the bug check. */
  get start(): StartingPoint | undefined {
    const { registers } = this.records;
    if (registers !== undefined) {
      const from =
        registers.kind === 'context' ? 'context record of the bug check' : 'trap frame of the bug check';
      return { registers: registers.values, kind: registers.kind, from };
    }
    const context = this.processorContext;
    return context === undefined
      ? undefined
      : { registers: context.value, kind: 'context', from: context.from };
  }

  /** Registers that the console begins with: those of the processor, as in the debugger. */
  get defaultScope(): { readonly registers: RegisterSet; readonly kind: 'context' | 'trap' } | undefined {
    return this.processorContext === undefined
      ? this.start
      : { registers: this.processorContext.value, kind: 'context' };
  }

  /** The record of the crash: the bug check's own, else the header's. */
  get exceptionRecord(): ExceptionRecord | undefined {
    return this.records.exception?.record ?? headerException(this.target)?.value;
  }

  /** Frames from a set of registers on, nearest first; `thread` is the one that they belong to, if not that of the crash. */
  stackFrom(registers: RegisterSet, maxFrames = 64, thread?: Va): Frame[] {
    const context = {
      machine: this.machine,
      memory: this.memory,
      code: this.symbols,
      stacks: knownStacks(this, registers, thread),
    };
    return [...walkStack(registers, context, { maxFrames })];
  }

  /** Registers of frame `index` of those frames, as far as they can be told; undefined when there is no such frame. */
  registersOfFrame(frames: readonly Frame[], index: number): FrameRegisters | undefined {
    return frameRegisters(frames, index);
  }

  /** Words of memory where a frame's arguments may be: four on x64, three on x86, none on arm64. */
  argumentsOf(frame: Frame): (bigint | undefined)[] {
    return readArguments(this.target, frame);
  }

  /** The instruction at `va`; undefined when its bytes are absent, not code, or no disassembler is loaded. */
  decodeAt(va: Va): Instruction | undefined {
    const bytes = this.memory.tryRead(va, maxInstruction);
    const got = bytes instanceof Fault ? bytes.got : bytes;
    return got.length === 0 ? undefined : this.disassembler?.decode(got, va);
  }

  /** An address in the debugger's form: `fffff800`92411bc2`, or 8 digits on 32-bit targets. */
  readonly addressText = (va: Va): string =>
    this.target.pointerSize === 8 ? tickHex(va) : padHex(va & 0xffff_ffffn, 8);

  /** An address as one types it: no padding, and 32 bits on 32-bit targets. */
  readonly shortText = (value: bigint): string => this.hex(value).slice(2);

  /** A value in the report: `0x…`, of 32 bits on 32-bit targets, where addresses are not shown sign-extended. */
  readonly hex = (value: bigint): string =>
    prefixHex(this.target.pointerSize === 8 ? value : value & 0xffff_ffffn);

  /** A value without grave accent: 16 or 8 digits. */
  readonly plainText = (value: bigint): string =>
    this.target.pointerSize === 8 ? padHex(value, 16) : padHex(value & 0xffff_ffffn, 8);

  /** A value of `?`: 8 digits on 32-bit targets where it is a 32-bit value or a sign-extended one. */
  readonly valueText = (value: bigint): string => {
    const high = value >> 31n;
    const narrow = this.target.pointerSize === 4 && (value >> 32n === 0n || high === 0x1_ffff_ffffn);
    return narrow ? padHex(value & 0xffff_ffffn, 8) : tickHex(value);
  };
}
