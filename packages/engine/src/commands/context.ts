import { readContext, readTrapFrame } from '../windows/index.ts';
import { type Command, usageError } from './command.ts';
import { evaluateIn } from './evaluate-in.ts';
import { plain } from './output.ts';
import { noRecord } from './read-memory.ts';
import { registerBlock } from './registers.ts';

export const contextCommand: Command = {
  names: ['.cxr'],
  usage: '[ADDR]',
  summary: 'use the registers of a context record; without ADDR, those of the crash again',
  group: 'registers',
  run(console, args) {
    if (args === '') {
      console.resetScope();
      return { data: null, lines: plain('Resetting default scope') };
    }
    const address = evaluateIn(console, args);
    const registers = readContext(console.system.target, address);
    if (registers === undefined) {
      throw noRecord(console.system, 'context record', address);
    }
    console.scope = { registers, kind: 'context' };
    return { data: Object.fromEntries(registers.entries()), lines: registerBlock(console, console.scope) };
  },
};

export const trapCommand: Command = {
  names: ['.trap'],
  usage: '[ADDR]',
  summary: 'use the registers of a trap frame; without ADDR, those of the crash again',
  group: 'registers',
  run(console, args) {
    if (args === '') return contextCommand.run(console, '', '.cxr');
    const { system } = console;
    if (system.machine === 'arm64')
      throw usageError(trapCommand, 'trap frames of arm64 cannot be read without symbols');
    const address = evaluateIn(console, args);
    const registers = readTrapFrame(system.target, address);
    if (registers === undefined) {
      throw noRecord(system, 'trap frame', address);
    }
    console.scope = { registers, kind: 'trap' };
    const note = plain(
      'NOTE: The trap frame does not contain all registers.',
      'Registers that it lacks are shown as ????.',
    );
    return {
      data: Object.fromEntries(registers.entries()),
      lines: [...note, ...registerBlock(console, console.scope)],
    };
  },
};
