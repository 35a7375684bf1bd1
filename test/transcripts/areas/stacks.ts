import type { Area } from '../dumps.ts';

const stacks = ['k', 'kn 4', 'kb', 'kv', 'kf', 'kc 5', 'kvL 2', 'kbn L3', 'kp 2', 'k b', 'kd 6'];

const frames = ['.frame', '.frame 3', '.frame /r', '.f+', '.frame /r 0', '.f-', '.frame /r 4', '? @$frame', '.frame /c 4', 'k 2', '.cxr', '.frame'];

const wrong = [
  'k 0',
  'k 10000',
  'k 5 5',
  'k nosuch',
  'k =',
  'kx',
  '.frame ffff',
  '.frame 10000',
  '.frame /x 1',
  '.frame nosuch',
  '.f+ 2',
];

const processors = ['~', '~0s', '~', 'k 3', '~*k 1', '~1 r $ip', '0k 1', '~[1]s', '~.', '~#', '~7s', '~*s', '~ x', '~*nosuchcommand'];

/** Places to begin at that are not those of the registers. */
const elsewhere = {
  x64: ['k = @rsp @rip 2', 'k = @rsp 2', 'k = 0 nt!KeBugCheckEx'],
  x86: ['k = @ebp @esp @eip 2', 'k = @esp 2', 'k = 0 0 nt!KeBugCheckEx'],
  arm64: ['k = @sp @pc 2', 'k = @sp 2'],
};

const listing = ['!stacks', '!stacks 1', '!stacks 2 storfilt', '!stacks 0 nosuchname', '!stacks 7'];

export const area: Area = {
  name: 'stacks',
  runs: {
    'x64-kernel': [...stacks, ...frames, ...elsewhere.x64, ...processors, ...listing, ...wrong],
    'x64-page-fault': ['kv', '.frame /r 4', '.trap', 'kb 2'],
    'x64-small': [...stacks, ...frames, ...processors, '!stacks'],
    'x64-header': ['k', 'kv', '.frame', '.frame /r', '.frame 1', '.f-', '~', '~0s', '~0k', '!stacks'],
    'x86-full': [...stacks, ...frames, ...elsewhere.x86, ...processors, ...listing],
    'arm64-small': ['kv', '.frame /r 2', '~'],
    'arm64-full': [...stacks, ...frames, ...elsewhere.arm64, ...processors, '!stacks'],
  },
};
