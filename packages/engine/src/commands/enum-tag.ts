import { DebuggerError } from '../base/index.ts';
import type { SecondaryDataBlob } from '../dump/index.ts';
import { type Command, usageError } from './command.ts';
import { cellFormats, memoryRows, rowLine } from './memory-rows.ts';
import { type Line, plain } from './output.ts';

/** Most bytes of one record that are shown. */
const maxShown = 0x10000;

const blobsCall = 'session.system.target.dump.secondaryData()';
const bytesCall = `session.system.target.dump.file.read(blob.offset, Math.min(blob.size, ${maxShown}))`;

export const enumTag: Command = {
  names: ['.enumtag'],
  usage: '[GUID]',
  summary: 'list the secondary data of the dump, or show the bytes of one record',
  group: 'dump',
  details: ['Drivers add such records when the machine crashes; the GUID says whose a record is.'],
  run({ system }, args) {
    const { dump } = system.target;
    const blobs = dump.secondaryData();
    if (args === '') return { data: blobs, lines: list(blobs), call: blobsCall };
    const guid = args.toLowerCase().replace(/[{}]/g, '');
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(guid))
      throw usageError(enumTag, `'${args}' is not a GUID`);
    const found = blobs.filter((blob) => blob.guid === guid);
    if (found.length === 0)
      throw new DebuggerError('MEMORY_UNREADABLE', `there is no secondary data {${guid}}`);
    const records = found.map((blob) => ({
      ...blob,
      bytes: dump.file.read(blob.offset, Math.min(blob.size, maxShown)),
    }));
    return {
      data: records,
      lines: records.flatMap((record) => [...list([record]), ...hexDump(record.bytes)]),
      call: `${blobsCall}.filter(({ guid }) => guid === '${guid}').map((blob) => ({ ...blob, bytes: ${bytesCall} }))`,
    };
  },
};

function list(blobs: readonly SecondaryDataBlob[]): Line[] {
  if (blobs.length === 0) return plain('This dump has no secondary data.');
  return plain(
    ...blobs.map(
      ({ guid, size, complete }) => `{${guid}} - 0x${size.toString(16)} bytes${complete ? '' : ' (cut off)'}`,
    ),
  );
}

function hexDump(bytes: Uint8Array): Line[] {
  const rows = memoryRows(0n, bytes, new Uint8Array(bytes.length).fill(1), cellFormats.db);
  return rows.map((row) => rowLine(`  ${row.address.toString(16).padStart(6, '0')}`, row, cellFormats.db));
}
