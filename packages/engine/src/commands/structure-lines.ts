import type { CrashedSystem, FieldReport, StructureReport } from '../system/index.ts';
import { typeText, valueText } from './field-text.ts';
import { type Line, span } from './output.ts';

export interface StructureStyle {
  /** Values instead of types. */
  readonly values: boolean;
  /** Names are not padded: certain members were asked for. */
  readonly bare?: boolean;
  /** `-o`: no offsets. */
  readonly noOffsets?: boolean;
  /** `-v`: sizes of structures beside the types. */
  readonly verbose?: boolean;
}

const nameWidth = 16;

/** Rows of a structure in the layout of `dt`. */
export function structureLines(
  system: CrashedSystem,
  { fields, isCut }: StructureReport,
  style: StructureStyle,
): Line[] {
  const lines = fieldLines(system, fields, style, 1);
  return isCut ? [...lines, [span('(there is more; ask for fewer levels)', 'dim')]] : lines;
}

function fieldLines(
  system: CrashedSystem,
  fields: readonly FieldReport[],
  style: StructureStyle,
  level: number,
): Line[] {
  return fields.flatMap((field) => [
    fieldLine(system, field, style, level),
    ...fieldLines(system, field.fields, style, level + 1),
    ...elementLines(system, field.elements, style, level),
  ]);
}

/** Elements of an array stand below it by their indexes, a column farther right. */
function elementLines(
  system: CrashedSystem,
  elements: readonly FieldReport[],
  style: StructureStyle,
  level: number,
): Line[] {
  return elements.flatMap((element) => {
    const head = `${'   '.repeat(level)} ${element.name} `;
    const what = style.values ? valueText(system, element) : kindText(system, element, style);
    const text = element.elements.length > 0 ? '' : linked(what, jumpOf(element, style));
    return [
      [head, text],
      ...fieldLines(system, element.fields, style, level + 1),
      ...elementLines(system, element.elements, style, level + 1),
    ];
  });
}

const linked = (text: string, jump: string | undefined): Line[number] =>
  jump === undefined ? text : span(text, 'address', jump);

function fieldLine(system: CrashedSystem, field: FieldReport, style: StructureStyle, level: number): Line {
  const indent = '   '.repeat(level);
  const offset = style.noOffsets === true ? '' : `+0x${field.offset.toString(16).padStart(3, '0')} `;
  const name = style.bare === true ? field.name : field.name.padEnd(nameWidth);
  if (field.isWay) return [`${indent}${offset}${field.name.padEnd(nameWidth)} : `];
  if (field.elements.length > 0) return [`${indent}${offset}${name} : `];
  const what = style.values ? valueText(system, field) : kindText(system, field, style);
  return [`${indent}${offset}${name} : `, linked(what, jumpOf(field, style))];
}

/** A click on a pointer shows what it points to. */
function jumpOf({ member, value }: FieldReport, style: StructureStyle): string | undefined {
  if (!style.values || member.kind !== 'pointer' || value === undefined || value === 0n) return undefined;
  if (member.returns !== undefined) return `u 0x${value.toString(16)}`;
  return member.target === undefined || !member.target.startsWith('_')
    ? undefined
    : `dt nt!${member.target} 0x${value.toString(16)}`;
}

function kindText(system: CrashedSystem, { member }: FieldReport, style: StructureStyle): string {
  const text = typeText(system, member);
  if (style.verbose !== true) return text;
  if (member.bits !== undefined) return `Bitfield ${text}`;
  const size = member.size === undefined ? '' : `, 0x${member.size.toString(16)} bytes`;
  return member.kind === 'structure' ? `struct ${text}${size}` : text;
}
