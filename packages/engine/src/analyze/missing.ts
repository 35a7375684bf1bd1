import type { CrashedSystem } from '../system/index.ts';
import type { Frame } from '../unwind/index.ts';
import type { FaultSite } from './fault.ts';
import type { Missing } from './report.ts';

/** What this dump does not hold or this version does not read, and what it would have added. */
export function findMissing(
  system: CrashedSystem,
  fault: FaultSite | undefined,
  frames: readonly Frame[],
): Missing[] {
  return [
    ...missingMemory(system),
    ...missingSymbols(system),
    ...missingRegisters(system, fault),
    ...missingCode(system, fault),
    ...missingUnwindData(frames),
    ...missingFacts(system),
  ];
}

function missingMemory({ target }: CrashedSystem): Missing[] {
  const { format } = target.dump;
  if (format === 'header') {
    return [
      {
        what: 'memory',
        why: 'the dump consists of its header alone',
        cost: 'modules, stack and pool cannot be read; collect a kernel dump',
      },
    ];
  }
  if (format === 'triage') {
    return [
      {
        what: 'page tables and most of memory',
        why: 'a small memory dump holds only what Windows chose to save',
        cost: 'only saved blocks can be read and pool cannot be walked; a kernel dump holds all pool',
      },
    ];
  }
  return [];
}

function missingSymbols({ modules, symbols }: CrashedSystem): Missing[] {
  const nt = modules.find((module) => module.name === 'nt');
  if (nt === undefined) {
    return modules.length > 0
      ? []
      : [{ what: 'the list of modules', why: 'it is not in the dump', cost: 'no address can be named' }];
  }
  const exported = symbols.kindOf(nt.base) === 'exports';
  return [
    {
      what: 'symbols for nt',
      why: exported ? 'names come from its export table only' : 'its export table is not in the dump',
      cost: exported ? 'internal functions are shown as nt+offset' : 'functions of nt are shown as nt+offset',
    },
  ];
}

function missingRegisters(system: CrashedSystem, fault: FaultSite | undefined): Missing[] {
  if (system.start === undefined) {
    return [{ what: 'registers', why: 'the dump holds no context record', cost: 'no stack can be followed' }];
  }
  if (fault === undefined || fault.registers !== undefined) return [];
  return [
    {
      what: 'registers at the fault',
      why: 'no record or trap frame of the faulting instruction was found in the dump',
      cost: 'what its operands held is not known',
    },
  ];
}

function missingCode(system: CrashedSystem, fault: FaultSite | undefined): Missing[] {
  if (fault === undefined || fault.instruction !== undefined) return [];
  const present = system.target.readBytes(fault.ip, 1) !== undefined;
  const why = present ? 'the bytes there are not an instruction' : 'its bytes are not in the dump';
  return [{ what: 'the faulting instruction', why, cost: 'what it tried to do is not known' }];
}

function missingUnwindData(frames: readonly Frame[]): Missing[] {
  const scanned = frames.filter((frame) => frame.trust === 'scan').length;
  if (scanned === 0) return [];
  return [
    {
      what: 'unwind data',
      why: 'the function tables of the images on the stack are not in the dump',
      cost: `${scanned} of ${frames.length} frames were found by scanning and may be left over from earlier calls`,
    },
  ];
}

function missingFacts(system: CrashedSystem): Missing[] {
  const missing: Missing[] = [];
  if (system.data === undefined && system.target.dump.format !== 'header') {
    missing.push({
      what: 'the debugger data block',
      why: 'it is not in the dump or cannot be decoded',
      cost: 'processors, threads and unloaded drivers cannot be found',
    });
  }
  if (system.data !== undefined && system.crashedProcessor === undefined) {
    missing.push({
      what: 'the crashed processor',
      why: 'no processor has the registers of the dump header',
      cost: 'its thread and process are not known',
    });
  }
  return missing;
}
