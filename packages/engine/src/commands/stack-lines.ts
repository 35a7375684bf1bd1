import type { InlineSite } from '../symbols/index.ts';
import { type CrashedSystem, codeOfFrame, framePointerOf, inlinedAt, sourceLineOf } from '../system/index.ts';
import type { Frame } from '../unwind/index.ts';
import { frameDataText } from './frame-data-text.ts';
import { type Line, type Span, span } from './output.ts';
import { placeInSource } from './source-text.ts';

/** Which columns a stack has beside the stack pointer, the return address and the call site. */
export interface StackColumns {
  /** Frame numbers, which choose the frame where the host makes links of them. */
  readonly numbered?: boolean;
  /** Bytes from the frame before to this one. */
  readonly memory?: boolean;
  /** Words where the arguments may be. */
  readonly arguments?: boolean;
  /** Where a frame's KTRAP_FRAME is. */
  readonly traps?: boolean;
  /** What symbols say of x86 frames. */
  readonly frameData?: boolean;
  /** Source lines behind the call sites. */
  readonly sources?: boolean;
  /** Call sites alone, without the offset from a name. */
  readonly clean?: boolean;
}

/** A frame with what `kb` shows of its arguments. */
export interface FrameWithArguments extends Frame {
  readonly arguments: readonly (bigint | undefined)[];
}

/**
 * A stack in the debugger's layout, with a column of our own: how each frame was found. `arguments` has the words of each
 * frame where they are asked for.
 */
export function stackLines(
  system: CrashedSystem,
  frames: readonly (Frame | FrameWithArguments)[],
  columns: StackColumns,
): Line[] {
  return [
    [span(headingText(system, columns), 'heading')],
    ...frames.flatMap((_, index) => [
      ...inlinedAt(system, frames, index).map((site) => inlineLine(system, site, columns)),
      stackLine(system, frames, index, columns),
    ]),
  ];
}

/** A function that was inlined into the next frame has neither stack pointer nor return address nor number of its own. */
function inlineLine(
  { target }: CrashedSystem,
  { name, offset = 0, source }: InlineSite,
  columns: StackColumns,
): Line {
  const number = columns.numbered === true ? '   ' : '';
  if (columns.clean === true) return [number, span(name, 'symbol')];
  const memory = columns.memory === true ? ' '.repeat(10) : '';
  const word = target.pointerSize === 8 ? '--------`--------' : '--------';
  const place = target.pointerSize === 8 ? '(Inline Function)' : '(Inline)';
  const count =
    columns.arguments !== true ? 0 : target.machine === 'x64' ? 4 : target.machine === 'x86' ? 3 : 0;
  const words = Array.from({ length: count }, () => word).join(' ');
  const middle = count === 0 ? '' : target.pointerSize === 8 ? `: ${words} : ` : `${words} `;
  const line = columns.sources === true ? placeInSource(source) : '';
  const site = offset === 0 ? name : `${name}+0x${offset.toString(16)}`;
  return [`${number}${memory}${place} ${word}     ${middle}`, span(site, 'symbol'), line];
}

function headingText({ target, machine }: CrashedSystem, columns: StackColumns): string {
  const number = columns.numbered === true ? ' # ' : '';
  if (columns.clean === true) return `${number}Call Site`;
  const memory = columns.memory === true ? '  Memory  ' : '';
  const head = `${number}${memory}${target.pointerSize === 8 ? 'Child-SP          RetAddr               ' : 'ChildEBP RetAddr      '}`;
  if (target.pointerSize === 4)
    return `${head}${columns.arguments === true ? 'Args to Child' : ''}`.trimEnd();
  return `${head}${columns.arguments === true && machine !== 'arm64' ? `: ${'Args to Child'.padEnd(argumentsWidth)} : ` : ''}Call Site`;
}

/** Four qwords with blanks between them. */
const argumentsWidth = 4 * 17 + 3;

/** One line of it. */
export function stackLine(
  system: CrashedSystem,
  frames: readonly (Frame | FrameWithArguments)[],
  index: number,
  columns: StackColumns,
): Line {
  const frame = frames[index]!;
  const number = columns.numbered === true ? [frameNumber(index), ' '] : [];
  if (columns.clean === true) return [...number, span(cleanSite(system, frame), 'symbol'), trustMark(frame)];
  const memory = columns.memory === true ? `${distanceText(system, frames, index)} ` : '';
  const words = columns.arguments === true ? argumentsText(system, frame) : '';
  return [
    ...number,
    `${memory}${framePlace(system, frame)}     ${words}`,
    span(callSite(system, frame), 'symbol'),
    frameNotes(system, frame, columns),
    columns.sources === true ? placeInSource(sourceLineOf(system, frame)) : '',
    trustMark(frame),
  ];
}

/** ` (FPO: [1,0,2])`, ` (TrapFrame @ ADDR)`, or both in one. */
function frameNotes(system: CrashedSystem, frame: Frame, { traps, frameData }: StackColumns): string {
  const data = frameData === true ? system.symbols.frameDataAt(codeOfFrame(frame)) : undefined;
  const trap =
    traps === true && frame.trapFrame !== undefined
      ? `TrapFrame @ ${system.addressText(frame.trapFrame)}`
      : '';
  const texts = [data === undefined ? '' : frameDataText(data), trap].filter((text) => text !== '');
  return texts.length === 0 ? '' : ` (${texts.join(' ')})`;
}

/** Stack pointer and return address; on x86 the frame pointer instead of the stack pointer. */
function framePlace(system: CrashedSystem, frame: Frame): string {
  const place = placeOf(system, frame);
  return `${addressOrUnknown(system, place)} ${addressOrUnknown(system, frame.returnAddress)}`;
}

const placeOf = ({ target }: CrashedSystem, frame: Frame): bigint | undefined =>
  target.pointerSize === 8 ? frame.sp : framePointerOf(frame);

const addressOrUnknown = (system: CrashedSystem, value: bigint | undefined): string => {
  if (value !== undefined) return system.addressText(value);
  return system.target.pointerSize === 8 ? '????????`????????' : '????????';
};

/** `nt!KeBugCheckEx+0x10`, `nt+0x3f0`, or the bare address. */
const callSite = (system: CrashedSystem, { ip }: Frame): string =>
  system.symbols.nameOf(ip) ?? `0x${system.addressText(ip)}`;

/** Without the offset, where there is a function's name to be left. */
function cleanSite(system: CrashedSystem, frame: Frame): string {
  const site = callSite(system, frame);
  return site.includes('!') ? site.replace(/\+0x[0-9a-f]+$/, '') : site;
}

/** Two hexadecimal digits; a click chooses the frame. */
function frameNumber(index: number): Span {
  const digits = index.toString(16).padStart(2, '0');
  return span(digits, 'address', `.frame ${digits}`);
}

function distanceText(system: CrashedSystem, frames: readonly Frame[], index: number): string {
  const from = index === 0 ? undefined : placeOf(system, frames[index - 1]!);
  const to = placeOf(system, frames[index]!);
  // A trap or a change of stacks leads anywhere.
  const known = from !== undefined && to !== undefined && to >= from;
  return (known ? (to - from).toString(16) : '').padStart(9);
}

function argumentsText(system: CrashedSystem, frame: Frame | FrameWithArguments): string {
  const values = 'arguments' in frame ? frame.arguments : system.argumentsOf(frame);
  if (values.length === 0) return '';
  const words = values.map((value) => addressOrUnknown(system, value)).join(' ');
  return system.target.pointerSize === 8 ? `: ${words} : ` : `${words} `;
}

const trustMark = (frame: Frame): Span => span(`  [${trustText(frame)}]`, 'dim');

/** A scanned word that surely follows a call is better than one whose code is not in the dump. */
const trustText = ({ trust, note }: Frame): string =>
  trust === 'scan' && note === undefined ? 'scan, follows a call' : trust;
