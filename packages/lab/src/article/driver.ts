import { mark, raw } from '../image/code.ts';
import type { ImageSpec } from '../image/image-spec.ts';
import { call, callImport, moveImmediate } from '../image/x64-code.ts';
import { x64Function } from '../image/x64-function.ts';
import { allocated, pushedAll } from '../image/x64-prolog.ts';
import { laterKernel } from './facts.ts';
import { placedFunction } from './placed-function.ts';

const { MyfaultDeviceControl, MyfaultDispatch } = laterKernel.driver;
const everyRegister = pushedAll('rbp', 'rbx', 'rsi', 'rdi', 'r12', 'r13', 'r14', 'r15');
/** mov byte ptr [rdi],al */
const write = raw('88 07');
/** A jump over what follows the call, to the way out of the function. */
const jumpOut = raw('eb 7a');

/**
 * The driver of the fault tool, as far as parts 2 and 3 show it: where it writes, and where it frees. The verifier puts
 * functions of its own in place of those that a driver imports.
 */
export const articleDriver = (base: bigint, isVerified: boolean): ImageSpec => ({
  architecture: 'x64',
  name: 'myfault.sys',
  module: 'myfault',
  entryPoint: 'DriverEntry',
  base,
  timeDateStamp: 0x4f80_6ca0,
  pdb: { name: 'myfault.pdb', guid: '5a3d17c0-6b1e-4f0a-9c2d-0000000000f1', age: 1 },
  functions: [
    x64Function('DriverEntry', [allocated(0x28)], [moveImmediate('rax', 0)]),
    placedFunction(
      'MyfaultDeviceControl',
      MyfaultDeviceControl,
      [...everyRegister, allocated(0x108)],
      [
        { code: [mark('fault'), write], end: 0x14eb - MyfaultDeviceControl + write.length },
        { code: [callImport(`nt!${isVerified ? 'Verifier' : ''}ExFreePoolWithTag`)], end: 0x2fd },
        { code: [jumpOut], end: 0x2fd + jumpOut.length },
        { code: [], end: 0x1655 - MyfaultDeviceControl },
      ],
    ),
    placedFunction(
      'MyfaultDispatch',
      MyfaultDispatch,
      [...pushedAll('rbx', 'rsi', 'rdi'), allocated(0x40)],
      [{ code: [call('MyfaultDeviceControl')], end: 0xb7 }],
    ),
  ],
});
