import { findType } from '../system/index.ts';
import type { StructureType } from '../types/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateIn } from './evaluate-in.ts';

/** What `!list` was asked. */
export interface ListRequest {
  /** The first element, where its structure begins. */
  readonly start: bigint;
  /** Bytes from an element's beginning to its link. */
  readonly link: number;
  /** Bytes from an element's beginning to where links lead. */
  readonly target: number;
  readonly commands: string;
  /** What follows the address of an element behind the commands. */
  readonly more: string;
  readonly echo: boolean;
  readonly most: number;
}

/** Most elements without -m: enough for any list of a kernel, and an end for one that was made up. */
const usualMost = 0x1_0000;

/** `-t TYPE.MEMBER -x "COMMANDS" [-a "ARGUMENTS"] [-e] [-m MOST] ADDR`, or all of it in quotes, with `\"` inside. */
export function parseListRequest(command: Command, console: Console, args: string): ListRequest {
  const { rest, values, echo } = takeOptions(command, withoutQuotes(command, args));
  if (rest === '') throw usageError(command, 'an address is missing');
  const type = values.get('t');
  const most = values.get('m');
  return {
    start: evaluateIn(console, rest),
    ...(type === undefined ? { link: 0, target: 0 } : linkOf(command, console, type)),
    commands: values.get('x') ?? 'dp',
    more: values.get('a') ?? '',
    echo,
    most: most === undefined ? usualMost : countOf(command, console, most),
  };
}

/** Takes away the quotes around everything. */
function withoutQuotes(command: Command, args: string): string {
  const text = args.trim();
  if (!text.startsWith('"')) return text;
  const inner = /^"((?:[^"\\]|\\.)*)"$/s.exec(text)?.[1];
  if (inner === undefined) throw usageError(command, 'the quotes around the arguments do not close');
  return inner.replaceAll('\\"', '"').trim();
}

const option = /^-([txam])\s*(?:"((?:[^"\\]|\\.)*)"|(\S+))?\s*/s;

function takeOptions(command: Command, text: string) {
  const values = new Map<string, string>();
  let echo = false;
  let rest = text;
  while (rest.startsWith('-')) {
    if (/^-e(?=\s|$)/.test(rest)) {
      echo = true;
      rest = rest.slice(2).trimStart();
      continue;
    }
    const found = option.exec(rest);
    if (found === null)
      throw usageError(command, `there is no option '${/^\S+/.exec(rest)![0].slice(0, 20)}'`);
    const value = (found[2]?.replaceAll('\\"', '"') ?? found[3] ?? '').trim();
    if (value === '') throw usageError(command, `-${found[1]!} has nothing behind it`);
    values.set(found[1]!, value);
    rest = rest.slice(found[0].length);
  }
  return { rest, values, echo };
}

function countOf(command: Command, console: Console, text: string): number {
  const count = evaluateIn(console, text);
  if (count < 1n || count > BigInt(usualMost))
    throw usageError(command, `-m is from 1 to ${usualMost.toString(16)}`);
  return Number(count);
}

/**
 * Where the link is that `TYPE.MEMBER` names, and where links lead: a LIST_ENTRY points at the LIST_ENTRY of the next
 * element, any other pointer at the element itself.
 */
function linkOf(command: Command, { system }: Console, text: string): { link: number; target: number } {
  const dot = text.indexOf('.');
  if (dot < 0) throw usageError(command, '-t needs a member: -t nt!_LIST_ENTRY.Flink');
  const { type } = findType(system, text.slice(0, dot));
  const path = text.slice(dot + 1);
  const member = type.member(path);
  if (member === undefined) throw usageError(command, `${type.name} has no member ${path} (${type.source})`);
  const entry = entryAround(type, path);
  const isPointer = member.kind === 'pointer' && !member.isArray;
  if (!isPointer && !isEntry(member.structure))
    throw usageError(command, `${type.name}.${path} is no pointer`);
  return { link: member.offset, target: isPointer ? entry : member.offset };
}

const isEntry = (structure: string | undefined): boolean =>
  structure === '_LIST_ENTRY' || structure === '_SINGLE_LIST_ENTRY';

/** Offset of the LIST_ENTRY that the last member of a path belongs to; 0 where it belongs to another structure. */
function entryAround(type: StructureType, path: string): number {
  const end = path.lastIndexOf('.');
  const around = end < 0 ? undefined : type.member(path.slice(0, end));
  return around !== undefined && isEntry(around.structure) ? around.offset : 0;
}
