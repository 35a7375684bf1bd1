import { type FieldReport, reportStructure, type Session, typeNames } from '@poolscope/engine';
import type { FieldFact, StructureView } from '../../protocol/views.ts';

/** Names that are offered at once. */
const mostNames = 40;

/** A structure over memory: where its members are, and what they hold. Throws TYPES_UNKNOWN. */
export function structureView({ system, console }: Session, name: string, address: bigint): StructureView {
  const report = reportStructure(system, name, { address, memory: console.memory });
  const plain = system.plainText;
  return {
    name: report.name,
    address,
    size: report.size,
    source: report.source,
    exact: report.exact,
    fields: report.fields.map((field) => fieldFact(field, plain)),
  };
}

function fieldFact(field: FieldReport, plain: (va: bigint) => string): FieldFact {
  const { name, offset, member, value } = field;
  const isPointer = member.kind === 'pointer' && !member.isArray;
  return {
    name,
    offset,
    size: member.size ?? 0,
    value: valueText(field, plain),
    target: isPointer && value !== undefined && value !== 0n ? value : field.links?.[0],
  };
}

function valueText(
  { isMissing, text, links, member, value, valueName }: FieldReport,
  plain: (va: bigint) => string,
): string {
  if (isMissing) return '????';
  if (text !== undefined) return `"${text}"`;
  if (links !== undefined) return `[ ${plain(links[0])} - ${plain(links[1])} ]`;
  if (value === undefined) return member.structure ?? '';
  if (member.kind === 'pointer') return plain(value);
  const number = `0x${value.toString(16)}`;
  return typeof valueName === 'string' ? `${number} (${valueName})` : number;
}

/** Names of structures that hold a text, the ones that begin with it first. */
export function structureNames({ system }: Session, typed: string): readonly string[] {
  const wanted = typed.toLowerCase().replace(/^nt!/, '');
  const first: string[] = [];
  const other: string[] = [];
  for (const name of typeNames(system)) {
    const plain = name.replace(/^nt!/, '');
    const lower = plain.toLowerCase();
    if (lower.startsWith(wanted) || lower.startsWith(`_${wanted}`)) first.push(plain);
    else if (lower.includes(wanted)) other.push(plain);
  }
  return [...first.sort(), ...other.sort()].slice(0, mostNames);
}
