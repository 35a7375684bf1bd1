import { buildMachine, type MachineOptions } from '@poolscope/lab';
import type { Area } from '../dumps.ts';
import type { TestFiles } from '../memory-host.ts';

/** Image files of a machine, as they were before it was started. */
function imageFiles(options: MachineOptions): TestFiles {
  const { list } = buildMachine(options).images;
  const { architecture = 'x64' } = options;
  const files = list.map(({ image }) => [`${architecture}/${image.spec.name}`, image.fileBytes()] as const);
  const { image } = list.find(({ image: { spec } }) => spec.module === 'sampledrv')!;
  const patched = image.fileBytes();
  // Three bytes of DriverEntry and one of what follows it, at their offsets in the file.
  const text = 0x400;
  patched.set([0x11, 0x22, 0x33], text + 4);
  patched[text + 0x21] = 0x44;
  return { ...Object.fromEntries(files), [`${architecture}/patched.sys`]: patched };
}

const common = [
  'u',
  'u',
  'u nt!KeBugCheckEx L4',
  'u . .+3',
  'u nt!KeBugCheckEx LFFFFFF',
  'u 0',
  'uu 0 L3',
  'uu nosuch',
  'u . L2 nonsense',
  'ub .',
  'ub',
  'ub nt!ExFreePoolWithTag L3',
  'ub . .+4',
  'ub 0',
  'ub . L2000',
  'uf nt!ExAllocatePoolWithTag',
  'uf sampledrv+1060',
  'uf sampledrv',
  'uf /c storfilt+1044',
  'uf /i /o nt!KeBugCheckEx',
  'uf /m .',
  'uf /q nt',
  'uf 0',
  'uf nosuch',
  'up',
  'up 643000 L4',
  'up 643000 643003',
  'up 7fffffff000',
  'up 10000000000000',
];

const checks = (architecture: string): string[] => [
  `!chkimg sampledrv -i ${architecture}/sampledrv.sys`,
  `!chkimg -d sampledrv -i ${architecture}/patched.sys`,
  `!chkimg -db -lo 1 sampledrv -i ${architecture}/patched.sys`,
  `!chkimg -v -as -i ${architecture}/ntoskrnl.exe nt`,
  `!chkimg -v -ss .rdata -r nt+2000 nt+2010 -i ${architecture}/ntoskrnl.exe`,
  `!chkimg -ss nosuch nt -i ${architecture}/ntoskrnl.exe`,
  `!chkimg sampledrv -i ${architecture}/netsamp.sys`,
  '!chkimg sampledrv -i notes.txt',
  '!chkimg sampledrv -i nosuch.sys',
  '!chkimg sampledrv',
  `!chkimg -f sampledrv -i ${architecture}/sampledrv.sys`,
  '!chkimg -i',
  `!chkimg sampledrv -r 0 10 -i ${architecture}/sampledrv.sys`,
  'explain',
];

export const area: Area = {
  name: 'code',
  runs: {
    'x64-kernel': [...common, ...checks('x64'), '!chkimg sampledrv -i x86/sampledrv.sys'],
    'x64-small': [...common, ...checks('x64')],
    'x64-page-fault': ['.cxr', 'u', 'uf @$ip', 'uf sampledrv+1080', 'ub sampledrv+1080 L4'],
    'x64-header': [...common, '!chkimg nt -i x64/ntoskrnl.exe'],
    'x86-full': [...common, ...checks('x86')],
    'arm64-full': [...common, ...checks('arm64')],
    'arm64-small': [...common, ...checks('arm64')],
  },
  files: {
    ...imageFiles({}),
    ...imageFiles({ architecture: 'x86' }),
    ...imageFiles({ architecture: 'arm64' }),
    'notes.txt': 'This is no image.',
  },
};
