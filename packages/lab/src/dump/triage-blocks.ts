import { pageOf, pageSize, readU32, readU64, signExtend32, type Va } from '@poolscope/engine/base';
import type { Machine } from '../machine/machine.ts';
import type { Processor } from '../machine/processors.ts';
import { BlockCollector } from './block-collector.ts';
import { savedStackSize } from './saved-stack.ts';
import type { DataBlock, TriageFamily } from './triage.ts';

/**
 * Which memory a small dump saves besides its fixed sections, in the order in which Windows saves it.
 * Source: rules derived from 75 real dumps and checked on them.
 */
export function triageBlocks(machine: Machine, family: TriageFamily): readonly DataBlock[] {
  return new BlockChooser(machine, family).choose();
}

/** Bytes that the walk through pointers saves at each. */
const pointerWindow = 0x100;
const instructionWindow = 0x100n;
const verifierDataSize = 0x9c;
const buildLabSize = 0x100;

class BlockChooser {
  readonly #machine: Machine;
  readonly #family: TriageFamily;
  readonly #collector: BlockCollector;

  constructor(machine: Machine, family: TriageFamily) {
    this.#machine = machine;
    this.#family = family;
    this.#collector = new BlockCollector(machine.space, family === 'B');
    if (family === 'B') this.#collector.cover(machine.stack.pointer, this.#stackSize);
  }

  choose(): readonly DataBlock[] {
    const family = this.#family;
    const { profile, processors, triageTable } = this.#machine;
    if (family !== 'C') this.#addVariable('MmVerifierData', verifierDataSize);
    if (family === 'B') {
      for (const processor of processors) this.#addProcessor(processor);
      this.#addVariable('KiProcessorBlock', profile.pointerSize * processors.length);
    }
    if (family !== 'C') this.#addVariable('NtBuildLab', buildLabSize);
    if (family === 'A') this.#addParameterPages();
    for (const { start, end } of triageTable) this.#collector.add(start, Number(end - start));
    if (family !== 'A') this.#addParameterPages();
    if (family === 'C') this.#collector.add(this.#ip - instructionWindow, Number(2n * instructionWindow));
    else {
      this.#addVariable('IopNumTriageDumpDataBlocks', 4);
      this.#addVariable('IopTriageDumpDataBlocks', triageTable.length * 2 * profile.pointerSize);
    }
    this.#addRegisterPages();
    if (family === 'B') this.#addIndirectMemory();
    return this.#collector.blocks;
  }

  get #stackSize(): number {
    return savedStackSize(this.#machine);
  }

  get #ip(): Va {
    const { registers } = this.#machine.truth;
    return registers['rip'] ?? registers['eip'] ?? registers['pc']!;
  }

  #addVariable(name: string, size: number): void {
    this.#collector.add(this.#machine.images.address(`nt!${name}`), size);
  }

  #addProcessor({ number, prcb, context, stack, stackPointer }: Processor): void {
    const crashed = number === this.#machine.crashProcessor;
    this.#collector.add(prcb.va, prcb.structure.size);
    this.#collector.add(context.va, crashed ? context.bytes.length : context.room);
    this.#collector.add(stackPointer, Number(stack.base - stackPointer));
  }

  /** The whole page that each value points into. */
  #addPageOf(value: Va): void {
    if (this.#collector.isReadable(value)) this.#collector.add(pageOf(value), pageSize);
  }

  #addParameterPages(): void {
    for (const parameter of this.#machine.bugCheck.parameters) this.#addPageOf(parameter);
  }

  /** Kernel addresses; family A leaves user addresses out, and C those in the stack that it saves anyway. */
  #addRegisterPages(): void {
    const { registers } = this.#machine.truth;
    const { pointer } = this.#machine.stack;
    const end = pointer + BigInt(this.#stackSize);
    for (const name of registerOrder) {
      const value = registers[name];
      if (value === undefined) continue;
      const inStack = value >= pointer && value < end;
      if (this.#family === 'C' && inStack) continue;
      if (this.#family !== 'A' || value >= 1n << 63n) this.#addPageOf(value);
    }
  }

  /** Memory that thread and process reach in two steps, and the stack in three. */
  #addIndirectMemory(): void {
    const { thread, process, stack, space } = this.#machine;
    for (const word of this.#words(thread.bytes())) this.#visit(word, 2);
    for (const word of this.#words(process.bytes())) this.#visit(word, 2);
    for (const word of this.#words(space.read(stack.pointer, this.#stackSize))) this.#visit(word, 3);
  }

  #visit(pointer: Va, depth: number): void {
    if (!this.#collector.isReadable(pointer)) return;
    this.#collector.add(pointer, pointerWindow);
    if (depth === 1) return;
    for (const word of this.#words(this.#readable(pointer, pointerWindow))) this.#visit(word, depth - 1);
  }

  #readable(va: Va, size: number): Uint8Array {
    const { space } = this.#machine;
    const pageEnd = pageOf(va) + BigInt(pageSize);
    const inPage = Math.min(size, Number(pageEnd - va));
    return space.read(va, inPage === size || space.pfnOf(pageEnd) !== undefined ? size : inPage);
  }

  *#words(bytes: Uint8Array): Generator<Va> {
    const size = this.#machine.profile.pointerSize;
    for (let at = 0; at + size <= bytes.length; at += size)
      yield size === 8 ? readU64(bytes, at) : signExtend32(readU32(bytes, at));
  }
}

/** The frame pointer is never among them. */
const registerOrder = [
  'rbx',
  'rsi',
  'rdi',
  'rdx',
  'rcx',
  'rax',
  'rip',
  'rsp',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
  'ebx',
  'esi',
  'edi',
  'edx',
  'ecx',
  'eax',
  'eip',
  'esp',
  ...Array.from({ length: 29 }, (_, index) => `x${index}`),
  'lr',
  'pc',
  'sp',
];
