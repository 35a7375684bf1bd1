import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { DebuggerError } from '@poolscope/engine';
import { readSmallFile } from '../io/small-file.ts';
import { systemReason } from '../io/system-reason.ts';
import { writeWhole } from '../io/write-whole.ts';

/** What is enough to play a challenge again. */
export interface ChallengeFacts {
  readonly scenario: string;
  readonly seed: number;
  readonly build: number;
  /** Of the dump, which tells what could be known. */
  readonly kind: string;
}

const firstLine = 'poolscope-challenge/1';
const checkBytes = 8;
const largestFile = 4096;

/** The file beside a dump that keeps the answer. */
export const besideDump = (dump: string): string => `${dump}.answer`;

/**
 * Keeps the facts where nobody reads them by accident: mixed with the hash of the dump, so that they are of use beside that
 * dump only. This hides the answer, it does not protect it.
 */
export function writeChallengeFile(dump: string, facts: ChallengeFacts): void {
  const text = Buffer.from(JSON.stringify(facts));
  const sealed = Buffer.concat([sha256(text).subarray(0, checkBytes), text]);
  writeWhole(besideDump(dump), `${firstLine}\n${mix(sealed, hashOfFile(dump)).toString('base64')}\n`);
}

/** The facts of a dump that `lab challenge` wrote. */
export function readChallengeFile(dump: string): ChallengeFacts {
  const path = besideDump(dump);
  const [first, secret = ''] = readText(path).split('\n');
  if (first !== firstLine) throw new DebuggerError('FILE_UNREADABLE', `${path} is no answer of a challenge`);
  const sealed = mix(Buffer.from(secret, 'base64'), hashOfFile(dump));
  const text = sealed.subarray(checkBytes);
  if (!sha256(text).subarray(0, checkBytes).equals(sealed.subarray(0, checkBytes)))
    throw new DebuggerError('FILE_UNREADABLE', `${path} is damaged, or belongs to another dump than ${dump}`);
  return JSON.parse(text.toString()) as ChallengeFacts;
}

function readText(path: string): string {
  try {
    return Buffer.from(readSmallFile(path, largestFile)).toString('latin1');
  } catch (cause) {
    if (cause instanceof DebuggerError) throw cause;
    throw new DebuggerError('FILE_UNREADABLE', `${path} cannot be read: ${systemReason(cause)}`, { cause });
  }
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** Exclusive or with as many hashes of the key as it takes; twice is the original. */
function mix(bytes: Buffer, key: Buffer): Buffer {
  return Buffer.from(
    bytes.map((byte, index) => {
      const block = index >> 5;
      const pad = sha256(Buffer.concat([key, Buffer.from([block])]));
      return byte ^ pad[index & 31]!;
    }),
  );
}

const chunkBytes = 1 << 20;

function hashOfFile(path: string): Buffer {
  const hash = createHash('sha256');
  try {
    const file = openSync(path, 'r');
    try {
      feed(hash, file);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new DebuggerError('FILE_UNREADABLE', `${path} cannot be read: ${systemReason(cause)}`, { cause });
  }
  return hash.digest();
}

function feed(hash: Hash, file: number): void {
  const chunk = Buffer.alloc(chunkBytes);
  for (;;) {
    const count = readSync(file, chunk, 0, chunkBytes, null);
    if (count === 0) return;
    hash.update(chunk.subarray(0, count));
  }
}
