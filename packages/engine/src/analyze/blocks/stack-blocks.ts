import type { CrashedSystem } from '../../system/index.ts';
import { readSavedIrql } from '../../windows/index.ts';
import { address, type Block, block, number, text } from './block.ts';
import type { CrashStack } from './crash-stack.ts';

/** Where the machine was: thread, process, IRQL, stack. */
export function stackBlocks(system: CrashedSystem, stack: CrashStack | undefined): Block[] {
  const { process, thread } = system;
  const isGuess = process?.name !== undefined && process.name.from !== 'EPROCESS.ImageFileName';
  return [
    ...block('FAULTING_THREAD', system.isLive ? undefined : address(thread?.address)),
    ...block('PROCESS_NAME', text(process?.name?.value), isGuess ? process.name.from : undefined),
    ...block('CURRENT_IRQL', number(irqlOf(system))),
    ...transferBlock(stack),
    ...stackText(system, stack),
  ];
}

/** At which IRQL the machine was: by the bug check's parameter, else as its processor's block kept it. */
function irqlOf(system: CrashedSystem): bigint | undefined {
  const told = toldIrql(system);
  const { crashedProcessor } = system;
  if (told !== undefined || crashedProcessor === undefined || system.isLive) return told;
  const saved = readSavedIrql(system, crashedProcessor).irql;
  return saved === undefined ? undefined : BigInt(saved);
}

/** The parameter that says so; other parameters tell IRQLs too, of before or as they should be. */
function toldIrql({ bugCheck, bugCheckFacts }: CrashedSystem): bigint | undefined {
  const index = bugCheck.roles.indexOf('irql');
  if (index < 0) return undefined;
  const isCurrent = bugCheck.meanings[index]!.startsWith('current IRQL') || bugCheck.roles.includes('ip');
  const level = bugCheckFacts.parameters[index]!;
  return isCurrent && level <= 31n ? level : undefined;
}

function transferBlock(stack: CrashStack | undefined): Block[] {
  const [to, from] = stack?.frames ?? [];
  if (to === undefined || from === undefined || from.trust === 'scan') return [];
  return block('LAST_CONTROL_TRANSFER', { kind: 'transfer', from: from.ip, to: to.ip });
}

function stackText(system: CrashedSystem, stack: CrashStack | undefined): Block[] {
  if (stack === undefined) return [];
  const frames = stack.frames.map((frame) => ({ ...frame, arguments: system.argumentsOf(frame) }));
  return block('STACK_TEXT', { kind: 'stack', frames });
}
