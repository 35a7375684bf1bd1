import type { Area } from '../dumps.ts';

const show = [
  'r',
  'r @$ip',
  'r $ip, $csp, $bug_code',
  'r.',
  'rm',
  'rm ?',
  'rM 1ff',
  'rF',
  'rX',
  'rM 3000',
  'rM',
  'rY',
  'r nosuch',
  'r $t0 = nt + 10',
  'r $t0',
  'r $t1=@$t0*2, $t2 = 3; r $t1, $t2',
  'r $t0 =',
  'r $t0 = 1 2',
  'r $t20 = 1',
  'r? $t0 = 1',
  'r $ip = 1',
  'rm 2',
  'r',
  'rm 1000',
  'rm foo',
  '.effmach',
  '.effmach .',
  '.effmach x64',
  '.effmach x86',
  '.effmach arm64',
  '.effmach z80',
  '.lastevent',
  '.lastevent x',
  '.exr',
  '.exr -1',
  '.exr 8',
  '.exr nosuch',
  '.exr nt',
];

const intel = [
  'r zf, cf, pf, af, sf, tf, if, df, of, iopl',
  'r cs, efl',
  'r dr0 dr7 cr0 cr2 cr3 cr4',
  'r gdtr, idtl, tr',
  'r st0',
  'r mm1',
  'r xmm0',
  'r xmm0:16ub, xmm1:d',
  'r mxcsr',
];

const x64 = [
  'r rax, rbx, rcx',
  'r rax eax ax al ah r8d r8w r8b',
  'r rax:uw, rbx:ib, rcx:d, rdx:2ud',
  'r rax:zz',
  'r rax=5',
  'r eip',
];

/** Context records and trap frames; the bug check of the dump names one of them. */
const context = ['.ecxr', 'r rip', '.cxr', '.cxr 0', '.cxr nt', '.cxr 8', '.cxr nosuch', '.ecxr x'];
const trap = ['.trap', '.trap 0', '.trap 8', '.trap nosuch'];

export const area: Area = {
  name: 'registers',
  runs: {
    'x64-kernel': [...show, ...intel, ...x64, ...context, '.cxr $bug_param3', 'explain', 'r', ...trap],
    'x64-page-fault': ['.ecxr', 'r rbx, rax, r12', '? @rbx', 'r rip:uq', 'u . L1', 'rF', '.cxr', 'r cr2'],
    'x64-system-thread': ['.ecxr', 'r', '.exr $bug_param3', 'explain', '.cxr'],
    'x64-small': [...show, ...intel, ...x64, ...context, ...trap],
    'x64-header': ['r', 'rM 1ff', '.ecxr', '.lastevent', '.exr -1', '.cxr nt', 'r cr3'],
    'x86-full': [...show, ...intel, 'r eax, ax, al, ah', 'r rax', '.ecxr', '.trap $bug_param3', 'explain', 'r', ...trap],
    'arm64-small': [...show, 'r x0, w0, psr, fp, v0', 'r v0:4ud', 'r zf', ...context, ...trap],
  },
};
