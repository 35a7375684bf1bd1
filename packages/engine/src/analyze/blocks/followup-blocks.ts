import type { CrashedSystem } from '../../system/index.ts';
import { type Block, block, number, text } from './block.ts';
import type { CrashStack } from './crash-stack.ts';
import { place } from './fault-blocks.ts';
import type { Followup } from './followup.ts';
import { shortOffset } from './short-offset.ts';

/** Why the module is named, where it is not the one that failed. */
const notes: Readonly<Record<Followup['by'], string | undefined>> = {
  fault: undefined,
  stack: 'the first one outside the kernel on the stack',
  scan: 'by scanning',
  kernel: 'no driver is surely on the stack',
};

/** Whom to ask first, and how the stack is shown again. */
export function followupBlocks(
  system: CrashedSystem,
  followup: Followup | undefined,
  stack: CrashStack | undefined,
): Block[] {
  const command = block('STACK_COMMAND', text(stack?.command));
  if (followup === undefined) return command;
  const { address, frame, place: where, by, unloaded } = followup;
  const module = where === undefined ? system.kernel : findModule(system, where.module.base);
  const image = unloaded?.name ?? module?.image;
  const symbol = address === undefined ? undefined : system.symbols.nameOf(address);
  const note = unloaded === undefined ? notes[by] : 'unloaded';
  // A guess is marked wherever it stands.
  const doubt = by === 'scan' ? note : undefined;
  return [
    ...(address === undefined ? [] : block('FOLLOWUP_IP', place(system, address))),
    ...block('SYMBOL_STACK_INDEX', frame === undefined ? undefined : number(BigInt(frame))),
    ...block('SYMBOL_NAME', text(symbol && shortOffset(symbol)), doubt),
    ...block('MODULE_NAME', unloaded === undefined ? text(module?.name) : undefined, note),
    ...block('IMAGE_NAME', text(image), unloaded === undefined ? doubt : note),
    ...(module === undefined || unloaded !== undefined ? [] : imageBlocks(system, module)),
    ...command,
    ...block('BUCKET_ID_FUNC_OFFSET', where === undefined ? undefined : number(BigInt(where.offset))),
  ];
}

const findModule = ({ modules }: CrashedSystem, base: bigint) =>
  modules.find((module) => module.base === base);

function imageBlocks(
  { symbols }: CrashedSystem,
  { base, timeDateStamp }: { readonly base: bigint; readonly timeDateStamp: number | undefined },
): Block[] {
  return [
    ...block('IMAGE_VERSION', text(symbols.describeImage(base)?.fileVersion)),
    ...block(
      'DEBUG_FLR_IMAGE_TIMESTAMP',
      timeDateStamp === undefined ? undefined : number(BigInt(timeDateStamp)),
    ),
  ];
}
