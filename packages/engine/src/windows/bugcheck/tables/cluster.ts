import { type Entry, fixed, subcoded } from '../entry.ts';
import { address, irp, kind, named, status, value } from '../parameters.ts';

const service = value('process id of the cluster service');
const volumeState = named('state', {
  0: 'init',
  1: 'paused',
  2: 'draining',
  3: 'set down level',
  4: 'active',
});
const resourceCalls = {
  1: 'open',
  2: 'close',
  3: 'online',
  4: 'offline',
  5: 'terminate',
  6: 'arbitrate',
  7: 'release',
  8: 'resource control',
  9: 'resource type control',
  10: 'looks alive',
  11: 'is alive',
  12: 'failure notification',
  13: 'shutdown process',
  14: 'cancel',
};
const live = 'Live dump, no crash:';
const control = value('control code, for the two control calls');

/** Clusters and file servers: nearly all are live dumps. */
export const clusters: readonly Entry[] = [
  fixed(
    0x165,
    'no',
    `${live} I/O on the coordinating node of a shared volume took too long.`,
    value('process id of the cluster service, if any'),
    value('the node that noticed'),
  ),
  fixed(
    0x166,
    'no',
    `${live} a call of a cluster resource took too long.`,
    value('process id of the resource host'),
    value('thread id'),
    named('call', resourceCalls),
    control,
  ),
  fixed(
    0x167,
    'no',
    `${live} asking for snapshots of a shared volume took too long.`,
    service,
    value('thread id'),
    named('the volume was', { 1: 'active', 2: 'taken down' }),
  ),
  fixed(0x168, 'no', `${live} a shared volume took too long to change its state.`, service, volumeState),
  fixed(0x169, 'no', `${live} a shared volume did not arrive in time.`, service),
  fixed(0x16a, 'no', `${live} a shared volume was not removed in time.`, service),
  fixed(0x16b, 'no', `${live} a thread of the cluster service does not move.`, service, value('thread id')),
  fixed(
    0x16f,
    'no',
    `${live} the next change of state of a shared volume was not asked for.`,
    service,
    volumeState,
  ),
  fixed(
    0x170,
    'no',
    'Leaving the cluster does not move on.',
    value('thread id'),
    value('timeout in milliseconds'),
  ),
  fixed(0x179, 'no', `${live} I/O on the target node of a cluster took too long.`, irp()),
  subcoded(0x188, 'no', `${live} the cluster file system found a state that could damage data.`, 1, {
    0x1: ['the cache could not be purged when a lock went to none', address('the stream')],
    0x2: ['the cache could not be purged when a lock came from none', address('the stream')],
    0x3: ['the cache could not be purged when failures were turned on', address('the stream')],
    0x4: ['the cache could not be flushed when a lock went to none', address('the stream')],
  }),
  fixed(
    0x195,
    'no',
    `${live} the SMB server found a problem.`,
    kind('reason', { 1: 'I/O takes too long' }),
    address('the work item'),
  ),
  fixed(
    0x19d,
    'no',
    `${live} shared virtual disks are in an inconsistent state.`,
    kind('reason', { 1: 'a disk could not be mounted' }),
    address('the disk'),
    address('the file object'),
    status(),
  ),
  fixed(
    0x1a7,
    'no',
    `${live} the SMB redirector found a problem.`,
    kind('reason', { 1: 'I/O takes too long' }),
    address('the connection'),
  ),
];
