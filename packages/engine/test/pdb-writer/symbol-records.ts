import { record } from './byte-writer.ts';

interface At {
  readonly section: number;
  readonly offset: number;
}

export interface PublicSpec extends At {
  readonly name: string;
  readonly flags?: number;
}

export const publicRecord = ({ name, section, offset, flags = 2 }: PublicSpec): Uint8Array =>
  record(0x110e, (to) => to.u32(flags, offset).u16(section).text(name));

/** S_GDATA32, or S_LDATA32 for a variable of one file. */
export const dataRecord = (name: string, { section, offset }: At, isLocal = false): Uint8Array =>
  record(isLocal ? 0x110c : 0x110d, (to) => to.u32(0x74, offset).u16(section).text(name));

/** S_PROCREF; `module` counts from 0 here. */
export const procedureReference = (name: string, module: number, at: number): Uint8Array =>
  record(0x1125, (to) =>
    to
      .u32(0, at)
      .u16(module + 1)
      .text(name),
  );

export const constantRecord = (name: string, value: number): Uint8Array =>
  record(0x1107, (to) => to.u32(0x74).u16(value).text(name));

export const typeNameRecord = (name: string, type: number): Uint8Array =>
  record(0x1108, (to) => to.u32(type).text(name));
