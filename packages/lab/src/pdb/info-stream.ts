import { PDBStream70 } from '@poolscope/engine/layouts';
import { guidBytes } from '../bytes/guid.ts';
import { structBytes } from '../bytes/struct-writer.ts';
import type { PdbReference } from '../image/image-spec.ts';
import { ByteWriter } from './byte-writer.ts';
import { nameHash } from './name-hash.ts';

const vc70 = 20000404;
/** Says that there is a stream of items. */
const vc140 = 20140508;
const capacity = 8;

/** Stream 1: what identifies the file, and the streams that have names. Source: microsoft-pdb, pdb.cpp; LLVM's PdbStream page. */
export function infoStream(
  { guid, age }: PdbReference,
  timeDateStamp: number,
  namedStreams: readonly (readonly [name: string, stream: number])[],
): Uint8Array {
  const out = new ByteWriter().raw(
    structBytes(PDBStream70, { impv: vc70, sig: timeDateStamp, age, sig70: guidBytes(guid) }),
  );
  writeNamedStreams(out, namedStreams);
  // Number of the first name that is not used, then features.
  return out.u32(0, vc140).bytes();
}

/** Texts, then a hash table of (offset of the text, stream): full places are told by bits, deleted ones there are none. */
function writeNamedStreams(out: ByteWriter, streams: readonly (readonly [string, number])[]): void {
  const texts = new ByteWriter();
  const places: (readonly [text: number, stream: number] | undefined)[] = new Array(capacity).fill(undefined);
  for (const [name, stream] of streams) {
    let at = (nameHash(name) & 0xffff) % capacity;
    while (places[at] !== undefined) at = (at + 1) % capacity;
    places[at] = [texts.length, stream];
    texts.text(name);
  }
  const present = places.reduce((bits, place, at) => (place === undefined ? bits : bits | (1 << at)), 0);
  out.u32(texts.length).raw(texts.bytes());
  out.u32(streams.length, capacity, 1, present, 0);
  for (const place of places) if (place !== undefined) out.u32(...place);
}
