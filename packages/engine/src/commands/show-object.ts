import {
  type DirectoryListing,
  findObject,
  type KernelObject,
  listDirectory,
  objectStructures,
  readObject,
} from '../windows/index.ts';
import { bigHex } from './call-text.ts';
import { type Command, type CommandRun, tick, usageError } from './command.ts';
import type { Console } from './console.ts';
import { takeExpression } from './evaluate-in.ts';
import { layoutLines, pointerSpan } from './object-text.ts';
import { type Line, span } from './output.ts';

/** Bits of the flags: name and counts; contents of a directory or link. */
const withDetails = 1;
const withContents = 8;

export const showObject: Command = {
  names: ['!object'],
  usage: 'ADDR [FLAGS] | \\PATH',
  summary: 'show an object of the object manager, and what is in a directory',
  group: 'objects',
  details: [
    'A path begins with a backslash and goes from the root on: !object \\ lists the root.',
    'FLAGS: 1 name and counts, 8 contents of directories and targets of links; 9 when not given, 0 the type alone.',
    'Windows 10 and later disguise the type in an object header. How it is made out here is said in the data: by',
    'nt!ObHeaderCookie, or by objects whose type is known otherwise. Where that fails, the type is ????.',
  ],
  examples: ['!object \\', '!object \\Driver', '!object @$proc'],
  *run(console, args): CommandRun {
    if (args === '') throw usageError(showObject, 'an address or a path is missing');
    const { address, flags } = parse(console, args);
    const object = readObject(console.system, address);
    const isListed = (flags & withContents) !== 0 && object.type?.name === 'Directory';
    const contents = isListed ? yield* list(console, address) : undefined;
    const lines = [
      ...headLines(console, object, flags),
      ...(contents === undefined ? [] : contentLines(console, contents)),
      ...layoutLines(console.system, objectStructures),
    ];
    return { data: { object, contents }, lines, call: callOf(address, isListed) };
  },
};

function callOf(address: bigint, isListed: boolean): string {
  const at = `session.system, ${bigHex(address)}`;
  const contents = isListed ? `engine.runToEnd(engine.listDirectory(${at}))` : 'undefined';
  return `({ object: engine.readObject(${at}), contents: ${contents} })`;
}

function parse(console: Console, args: string): { readonly address: bigint; readonly flags: number } {
  const usual = withDetails | withContents;
  // A name of an object may have blanks.
  if (args.startsWith('\\')) return { address: findObject(console.system, args), flags: usual };
  const { value: address, rest } = takeExpression(console, args);
  if (address === 0n) throw usageError(showObject, 'objects are not listed by the name of their type here');
  if (rest === '') return { address, flags: usual };
  if (!/^[\da-f]{1,4}$/i.test(rest)) throw usageError(showObject, `'${rest.slice(0, 40)}' are no flags`);
  return { address, flags: Number.parseInt(rest, 16) };
}

const objectsPerTick = 0x40;

function* list(console: Console, address: bigint): Generator<typeof tick, DirectoryListing> {
  const walk = listDirectory(console.system, address);
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done === true) return step.value;
    if (step.value % objectsPerTick === 0) yield tick;
  }
}

function headLines({ system }: Console, object: KernelObject, flags: number): Line[] {
  const { body, address, type, pointerCount, handleCount, directory, name } = object;
  const lines: Line[] = [
    [
      'Object: ',
      span(system.plainText(body), 'address'),
      '  Type: (',
      pointerSpan(system, type?.address, '!object'),
      `) ${type?.name ?? '????'}`,
    ],
  ];
  if (type === undefined) lines.push([span(`    ${withoutType(system, body)}`, 'dim')]);
  if ((flags & withDetails) === 0) return lines;
  lines.push(
    [`    ObjectHeader: ${system.plainText(address)} (new version)`],
    [`    HandleCount: ${handleCount ?? '?'}  PointerCount: ${pointerCount ?? '?'}`],
  );
  if (name !== '')
    lines.push([
      '    Directory Object: ',
      pointerSpan(system, directory, '!object'),
      `  Name: ${name ?? '????'}`,
    ]);
  if ((flags & withContents) !== 0) lines.push(...linkLines(object));
  return lines;
}

/** Two objects name themselves in other ways. */
function withoutType({ thread, process }: Console['system'], body: bigint): string {
  if (body === thread?.address)
    return 'A thread: the one that crashed. Types are not told by headers in this dump.';
  if (body === process?.address)
    return 'A process: that of the crash. Types are not told by headers in this dump.';
  return 'The type cannot be told: too few objects of known types are in this dump.';
}

function linkLines({ link }: KernelObject): Line[] {
  if (link === undefined) return [];
  const { target, driveIndex = 0 } = link;
  const lines: Line[] = [
    target === undefined
      ? [span('    Where it leads cannot be read, or Windows computes it.', 'dim')]
      : [`    Target String is '${target}'`],
  ];
  if (driveIndex > 0 && driveIndex <= 26)
    lines.push([`    Drive Letter Index is ${driveIndex} (${String.fromCharCode(0x40 + driveIndex)}:)`]);
  return lines;
}

function contentLines({ system }: Console, { entries, problems }: DirectoryListing): Line[] {
  const width = system.target.pointerSize * 2;
  const lines: Line[] = [
    [''],
    [span(`    Hash ${'Address'.padEnd(width)} Type          Name`, 'heading')],
    [`    ---- ${'-------'.padEnd(width)} ----          ----`],
  ];
  let before = -1;
  for (const { bucket, object, type, name } of entries) {
    const mark = bucket === before ? '  ' : bucketText(bucket);
    before = bucket;
    lines.push([
      `     ${mark}  `,
      pointerSpan(system, object, '!object'),
      ` ${(type ?? '????').padEnd(13)} ${name ?? '????'}`,
    ]);
  }
  const cut = problems.map(({ bucket, why }) => `bucket ${bucket}: ${why}`);
  if (cut.length > 0) lines.push([span(`This directory is not complete here: ${brief(cut)}.`, 'warning')]);
  return lines;
}

const bucketText = (bucket: number): string => bucket.toString().padStart(2, '0');

/** A few of many. */
function brief(texts: readonly string[]): string {
  const shown = texts.slice(0, 4).join('; ');
  return texts.length > 4 ? `${shown}; and ${texts.length - 4} more` : shown;
}
