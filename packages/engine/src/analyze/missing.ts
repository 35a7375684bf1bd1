import type { Symbols } from '../symbols/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import type { Frame } from '../unwind/index.ts';
import type { Module, Target } from '../windows/index.ts';
import type { FaultSite } from './fault.ts';
import type { Missing } from './report.ts';

/** DUMP_FILE_ATTRIBUTES of the header. Source: mindumpdef.h. */
const tooSmall = 0x4;
const filtered = 0x40;

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
    ...missingUnwindData(system, frames),
    ...missingFacts(system),
  ];
}

function missingMemory({ target }: CrashedSystem): Missing[] {
  const { format, header } = target.dump;
  const attributes = header.attributes ?? 0;
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
  if ((attributes & tooSmall) !== 0) {
    return [
      {
        what: 'some of memory',
        why: 'the header says that the dump file was too small',
        cost: 'bytes that were not written cannot be read',
      },
    ];
  }
  if ((attributes & filtered) !== 0) {
    return [
      {
        what: 'pages that Windows filtered out',
        why: 'an active memory dump leaves out what is not likely needed',
        cost: 'these bytes cannot be read',
      },
    ];
  }
  return [];
}

function missingSymbols({ kernel, modules, symbols, target }: CrashedSystem): Missing[] {
  if (kernel === undefined) {
    return modules.length > 0
      ? []
      : [{ what: 'the list of modules', why: whyNoModules(target), cost: 'no address can be named' }];
  }
  const own = symbols.moduleAt(kernel.base);
  if (own?.table?.isComplete === true) return [];
  const [known, unnamed] = knownNames(own);
  return [
    {
      what: 'symbols for nt',
      why: [...whyNoFile(symbols, kernel), known].join('; '),
      cost: `${unnamed} are shown as nt+offset`,
    },
  ];
}

/** Where names come from without symbols of every function, and what stays without a name. */
function knownNames(own: ReturnType<Symbols['moduleAt']>): readonly [string, string] {
  const { table } = own ?? {};
  if (table !== undefined)
    return [
      `${table.location} names only what this program looks up, and the export table`,
      'other functions',
    ];
  return own?.kind === 'exports'
    ? ['names come from its export table only', 'internal functions']
    : ['its export table is not in the dump', 'functions of nt'];
}

/** What was tried and did not fit, where symbols were looked for at all. */
function whyNoFile({ search }: Symbols, { base }: Module): string[] {
  const found = search?.acquisitions.get(base);
  if (found === undefined) return [];
  const refused = found.tried.filter(({ kind, match }) => kind !== 'image' && match === undefined);
  const [first] = refused;
  if (first !== undefined && refused.length === 1)
    return [`the ${first.kind} file given is refused: ${first.why}`];
  if (first !== undefined) return [`none of ${refused.length} files given belongs to it`];
  return [found.problems[0] ?? 'no file that belongs to it was found'];
}

function whyNoModules(target: Target): string {
  const head = target.dump.header.psLoadedModuleList;
  return head === undefined
    ? 'the header does not say where it is'
    : (target.whyUnreadable(head) ?? 'it is damaged');
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

function missingUnwindData(system: CrashedSystem, frames: readonly Frame[]): Missing[] {
  const scanned = frames.filter((frame) => frame.trust === 'scan').length;
  if (scanned === 0) return [];
  const why =
    system.machine === 'x86'
      ? 'without symbols x86 code is followed by frame pointers, and not all of it keeps them'
      : 'function tables of images on the stack are not in the dump, or do not cover where the stack leads';
  const cost = `${scanned} of ${frames.length} frames were found by scanning and may be left over from earlier calls`;
  return [{ what: 'unwind data', why, cost }];
}

function missingFacts(system: CrashedSystem): Missing[] {
  if (system.target.dump.format === 'header') return [];
  if (system.data === undefined) return [missingDebuggerData(system)];
  const why = system.crashedProcessor === undefined && !system.isLive ? whyNoProcessor(system) : undefined;
  return why === undefined
    ? []
    : [{ what: 'the crashed processor', why, cost: 'its thread and process are not known' }];
}

function missingDebuggerData({ target }: CrashedSystem): Missing {
  const va = target.dump.header.kdDebuggerDataBlock;
  const why =
    va === undefined
      ? 'the header does not say where it is'
      : (target.whyUnreadable(va) ?? 'it is damaged, or encoded in an unknown way');
  return {
    what: 'the debugger data block',
    why,
    cost: 'processors, threads and unloaded drivers cannot be found',
  };
}

function whyNoProcessor({ processors, processorContext }: CrashedSystem): string {
  if (processors.length === 0) return 'the list of processors is not in the dump';
  if (processorContext === undefined) return 'the dump header holds no registers';
  return 'the registers of the dump header fit no processor, or more than one';
}
