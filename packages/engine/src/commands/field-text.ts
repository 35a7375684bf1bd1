import { padHex, tickHex } from '../base/index.ts';
import type { CrashedSystem, FieldReport } from '../system/index.ts';
import type { Member } from '../types/index.ts';

/** Types and values of members as `dt` writes them. */

const basic: Readonly<Record<string, string>> = {
  u8: 'UChar',
  u16: 'Uint2B',
  u32: 'Uint4B',
  u64: 'Uint8B',
  i8: 'Char',
  i16: 'Int2B',
  i32: 'Int4B',
  i64: 'Int8B',
  f32: 'Float',
  f64: 'Double',
  void: 'Void',
};

/** `Uint4B`, `Ptr64 _EPROCESS`, `[15] UChar`, `Pos 0, 8 Bits`. */
export function typeText({ target: { pointerSize } }: CrashedSystem, member: Member): string {
  if (member.bits !== undefined) return bitsText(member.bits.position, member.bits.width);
  const element =
    member.kind === 'pointer'
      ? pointerText(member, pointerSize * 8)
      : member.kind === 'structure'
        ? (member.structure ?? '<unnamed-tag>')
        : (member.enumeration ?? basic[member.kind]!);
  return member.isArray ? `[${member.count}] ${element}` : element;
}

const bitsText = (position: number, width: number): string =>
  `Pos ${position}, ${width} Bit${width === 1 ? '' : 's'}`;

function pointerText({ target = 'void', returns }: Member, width: number): string {
  if (returns !== undefined) return `Ptr${width}     ${resultText(returns)} `;
  const stars = /^\**/.exec(target)![0].length;
  const name = target.slice(stars);
  return `${`Ptr${width} `.repeat(stars + 1)}${basicName(name)}`;
}

/** A structure may be called like what every object has. */
const basicName = (name: string): string => (Object.hasOwn(basic, name) ? basic[name]! : name);

/** What a function returns stands for it. */
const resultText = (returns: string): string => (returns === '' ? '<function>' : returns);

/** A member's value; `????` where its bytes are missing. */
export function valueText(system: CrashedSystem, field: FieldReport): string {
  const { member } = field;
  const count = member.isArray ? `[${member.count}] ` : '';
  if (field.isMissing) return `${count}????`;
  if (field.text !== undefined && member.isArray) return `${count} ${quoted(field.text)}`;
  return count + singleText(system, field);
}

function singleText(system: CrashedSystem, field: FieldReport): string {
  const { member, value } = field;
  if (member.bits !== undefined) return value === undefined ? '????' : bitValue(value, member.bits.width);
  if (member.kind === 'structure') return structureText(system, field);
  if (value === undefined) return '????';
  if (member.kind === 'pointer')
    return member.returns === undefined
      ? pointerValue(system, value, member.target ?? 'void')
      : functionValue(system, value, member.returns);
  if (field.valueName !== undefined) return enumerationText(value, field);
  return member.kind === 'f32' || member.kind === 'f64'
    ? floatText(value, member.kind)
    : integerText(value, member.kind);
}

const quoted = (text: string): string => `"${printable(text)}"`;
/** Texts of the dump must not move the cursor of a terminal. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, '.');

/** Up to four bits speak for themselves. */
function bitValue(value: bigint, width: number): string {
  const digits = `0y${BigInt.asUintN(width, value).toString(2).padStart(width, '0')}`;
  return width > 4
    ? `${digits} (${value === 0n ? '0' : `0x${BigInt.asUintN(width, value).toString(16)}`})`
    : digits;
}

function structureText(system: CrashedSystem, { member, value, text, links }: FieldReport): string {
  const name = member.structure ?? '<unnamed-tag>';
  if (text !== undefined) return `${name} ${quoted(text)}`;
  if (links !== undefined) return `${name} ${linksText(system, links)}`;
  return value === undefined ? name : `${name} 0x${wide(BigInt.asUintN(64, value), 8)}`;
}

export const linksText = (system: CrashedSystem, [flink, blink]: readonly [bigint, bigint]): string =>
  `[ 0x${system.addressText(flink)} - 0x${system.addressText(blink)} ]`;

function pointerValue(system: CrashedSystem, value: bigint, target: string): string {
  if (value === 0n) return '(null) ';
  const name = target.replace(/^\*+/, '');
  const stars = target.length - name.length;
  const behind = `${`Ptr${system.target.pointerSize * 8} `.repeat(stars)}${basicName(name)}`;
  return `0x${system.addressText(value)} ${behind}`;
}

/** `0xfffff800`0b5d1a70     void  nt!KiTimerExpiration+0`. */
function functionValue(system: CrashedSystem, value: bigint, returns: string): string {
  if (value === 0n) return '(null) ';
  const at = system.symbols.locate(value);
  const place =
    at === undefined
      ? ''
      : `${at.module.name}${at.name === undefined ? '+0x' : `!${at.name}+`}${at.offset.toString(16)}`;
  return `0x${system.addressText(value)}     ${resultText(returns)}  ${place}`;
}

/** `200 ( NonPagedPoolNx )`, `0xffffffff (No matching name)`. */
function enumerationText(value: bigint, { valueName, member }: FieldReport): string {
  const bits = BigInt.asUintN(((member.size ?? 8) / member.count) * 8, value);
  return typeof valueName === 'string'
    ? `${bits.toString(16)} ( ${valueName} )`
    : `${unsigned(bits)} (No matching name)`;
}

const wide = (value: bigint, least: number): string =>
  value > 0xffff_ffffn ? tickHex(value) : padHex(value, least);

/** Signed numbers are decimal, unsigned ones hexadecimal from ten on; bytes have their letter behind them. */
function integerText(value: bigint, kind: Member['kind']): string {
  if (kind === 'u8') return `${unsigned(value)} '${letter(value)}'`;
  if (kind === 'i8') return `${value} '${letter(BigInt.asUintN(8, value))}'`;
  return kind.startsWith('i') ? `0n${value}` : unsigned(value);
}

const unsigned = (value: bigint): string => {
  if (value < 10n) return value.toString();
  return value > 0xffff_ffffn ? `0x${tickHex(value)}` : `0x${value.toString(16)}`;
};

const letter = (value: bigint): string =>
  value >= 0x20n && value < 0x7fn ? String.fromCharCode(Number(value)) : '';

function floatText(bits: bigint, kind: 'f32' | 'f64'): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits, true);
  return String(kind === 'f32' ? view.getFloat32(0, true) : view.getFloat64(0, true));
}
