import type { Va } from '../../base/index.ts';
import { MemberReader } from '../member-reader.ts';
import type { ObjectKernel } from './object-kernel.ts';

/** Where a symbolic link leads. */
export interface SymbolicLink {
  /** Undefined: not in the dump, or the link asks a function for it. */
  readonly target: string | undefined;
  /** 3 for C:; 0: no drive letter. */
  readonly driveIndex: number | undefined;
}

/** Links that nt computes keep a function there, which makes no text. */
const isText = (text: string): boolean => text !== '' && /^[\x20-\ud7ff]+$/.test(text);

/** Reads an OBJECT_SYMBOLIC_LINK. Throws TYPES_UNKNOWN. */
export function readSymbolicLink({ structures }: ObjectKernel, address: Va): SymbolicLink {
  const link = structures.at('_OBJECT_SYMBOLIC_LINK', address);
  const target = link.unicodeString('LinkTarget');
  return {
    target: target !== undefined && isText(target) ? target : undefined,
    driveIndex: new MemberReader(link).number('driveIndex', 'DosDeviceDriveIndex'),
  };
}
