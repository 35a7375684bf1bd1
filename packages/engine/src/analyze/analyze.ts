import { prefixHex, type Va, version } from '../base/index.ts';
import { operandText } from '../disasm/index.ts';
import { builtInOwners } from '../pool/index.ts';
import { type CrashedSystem, inlinedAt } from '../system/index.ts';
import type { Frame } from '../unwind/index.ts';
import { contradiction, type FaultSite, findFault } from './fault.ts';
import { findMissing } from './missing.ts';
import { type Detector, surestVerdict } from './own-detector.ts';
import type {
  BugCheckFactsOut,
  DumpFacts,
  FaultFacts,
  ModuleFacts,
  Report,
  StackFrame,
  SystemFacts,
} from './report.ts';
import { explainSignature, type SignatureInput, type SignaturePart, signatureText } from './signature.ts';
import { signatureInput } from './signature-input.ts';
import { reachVerdict } from './verdict/reach-verdict.ts';

/** A report, and how its signature came about. */
export interface Analysis {
  readonly report: Report;
  readonly signatureParts: readonly SignaturePart[];
  /** What the signature was made of: changed rules can be tried on it without the dump. */
  readonly signatureInput: SignatureInput;
}

/** Longer stacks are cut, and `k` shows the rest. */
const maxFrames = 256;

/**
 * Analyzes the crash. `path` is what the user called the file, `owners` tells whose the tags of pool are, and `detectors` are
 * asked besides those that are built in.
 */
export function analyze(
  system: CrashedSystem,
  path: string,
  owners = builtInOwners(),
  detectors: readonly Detector[] = [],
): Analysis {
  const fault = findFault(system);
  if (fault !== undefined) warnOfContradiction(system, fault);
  const frames = system.start === undefined ? [] : system.stackFrom(system.start.registers, maxFrames);
  const scene = { system, fault, frames, owners };
  const verdict = surestVerdict(scene, reachVerdict(scene), detectors);
  const faultFacts = fault === undefined ? null : describeFault(system, fault);
  const stack = describeStack(system, frames);
  const bugcheck = describeBugCheck(system);
  const input = signatureInput(system, fault, frames, verdict);
  const signatureParts = explainSignature(input);
  const report: Report = {
    schema: 'poolscope.analysis/1',
    tool: { name: 'poolscope', version },
    dump: describeDump(system, path),
    bugcheck,
    system: describeSystem(system),
    fault: faultFacts,
    stack,
    modules: describeModules(system),
    unloadedModules: system.unloadedModules.map(({ name, start, end }) => ({
      name,
      start: system.hex(start),
      end: system.hex(end),
    })),
    verdict,
    signature: signatureText(signatureParts),
    missing: findMissing(system, fault, frames),
    warnings: system.target.warnings.list.map(({ rule, at, message }) => ({
      rule,
      at: at === undefined ? null : system.hex(at),
      message,
    })),
  };
  return { report, signatureParts, signatureInput: input };
}

function warnOfContradiction(system: CrashedSystem, fault: FaultSite): void {
  const found = contradiction(system, fault);
  if (found === undefined) return;
  const [recorded, computed] = [system.plainText(found.recorded), system.plainText(found.computed)];
  const message = `Windows recorded an access to ${recorded}, but by the registers the instruction accessed ${computed}`;
  system.target.warnings.add('fault-contradiction', message, fault.ip);
}

function describeDump(system: CrashedSystem, path: string): DumpFacts {
  const { dump } = system.target;
  const { info } = system;
  const blobs = dump.secondaryData();
  if (blobs.some(({ complete }) => !complete)) {
    dump.warnings.add(
      'secondary-data-truncated',
      'the file ends inside the secondary data behind the memory',
    );
  }
  return {
    path,
    bytes: dump.file.size,
    format: dump.format,
    machine: system.machine,
    build: info.build,
    processors: info.processors?.value ?? null,
    crashTime: info.crashTime === undefined ? null : new Date(info.crashTime.value).toISOString(),
    uptimeSeconds: info.uptimeSeconds?.value ?? null,
    secondaryData: blobs.map(({ guid, size }) => ({ guid, bytes: size })),
  };
}

function describeBugCheck(system: CrashedSystem): BugCheckFactsOut {
  const { code, name, description, meanings } = system.bugCheck;
  const parameters = system.target.dump.header.bugCheckParameters.map(prefixHex);
  return { code: prefixHex(code), name, description, parameters, meanings };
}

function describeSystem(system: CrashedSystem): SystemFacts {
  const { info, crashedProcessor } = system;
  return {
    buildText: info.buildText ?? null,
    product: info.productType ?? null,
    process: system.process?.name ?? null,
    processor: crashedProcessor?.number ?? null,
  };
}

function describeFault(system: CrashedSystem, fault: FaultSite): FaultFacts {
  const { instruction } = fault;
  const names = (va: Va) => system.symbols.nameOf(va);
  return {
    ip: system.hex(fault.ip),
    symbol: names(fault.ip) ?? null,
    instruction:
      instruction === undefined
        ? null
        : `${instruction.mnemonic} ${operandText(instruction, names)}`.trimEnd(),
    address: fault.address === undefined ? null : system.hex(fault.address),
    addressFrom: fault.addressFrom ?? null,
    access: fault.access ?? null,
  };
}

/** The frames, each behind the functions that were inlined into it, the innermost first. */
function describeStack(system: CrashedSystem, frames: readonly Frame[]): StackFrame[] {
  return frames.flatMap((frame, index) => {
    const own = describeFrame(system, frame, index);
    const inlined = inlinedAt(system, frames, index);
    return [...inlined.map(({ name }) => ({ ...own, symbol: name, offset: null, inline: true })), own];
  });
}

function describeFrame(system: CrashedSystem, frame: Frame, index: number): StackFrame {
  const place = system.symbols.locate(frame.ip);
  return {
    frame: index,
    sp: system.hex(frame.sp),
    ip: system.hex(frame.ip),
    module: place?.module.name ?? null,
    symbol: place?.name === undefined ? null : `${place.module.name}!${place.name}`,
    offset: place?.offset ?? null,
    trust: frame.trust,
    inline: false,
  };
}

function describeModules(system: CrashedSystem): ModuleFacts[] {
  return system.modules.map((module) => ({
    name: module.name,
    image: module.image,
    base: system.hex(module.base),
    size: module.size,
    timestamp: module.timeDateStamp === undefined ? null : prefixHex(module.timeDateStamp),
    symbols: system.symbols.kindOf(module.base),
  }));
}
