import { asciiBytes } from '../bytes/integers.ts';
import type { Architecture, DataSpec, FunctionSpec, ImageSpec } from '../image/image-spec.ts';
import { kernelVariables } from './kernel-variables.ts';
import type { KernelProfile } from './profiles/profile.ts';

/** Functions of the five images of a synthetic machine. */
export interface MachineFunctions {
  readonly nt: readonly FunctionSpec[];
  readonly hal: readonly FunctionSpec[];
  readonly sampledrv: readonly FunctionSpec[];
  readonly storfilt: readonly FunctionSpec[];
  readonly netsamp: readonly FunctionSpec[];
}

/** Addresses between drivers. */
const driverSpacing = 0x1_0000n;

const text = (name: string, value: string): DataSpec => ({
  name,
  size: value.length + 1,
  bytes: asciiBytes(value, true),
});

/** A driver that is loaded as number `index`. */
export const driverImageSpec = (
  architecture: Architecture,
  profile: KernelProfile,
  index: number,
  { name, ...contents }: Pick<ImageSpec, 'name' | 'functions' | 'variables' | 'constants'>,
): ImageSpec => ({
  architecture,
  name: `${name}.sys`,
  module: name,
  entryPoint: 'DriverEntry',
  base: profile.addresses.driverImages + BigInt(index) * driverSpacing,
  timeDateStamp: 0x6357_a000 + index * 0x1_0000,
  pdb: { name: `${name}.pdb`, guid: `5a3d17c0-6b1e-4f0a-9c2d-0000000000${hexByte(index + 1)}`, age: 1 },
  ...contents,
});

const hexByte = (value: number): string => value.toString(16).padStart(2, '0');

/** All images in load order. GUIDs, times and paths are made up. */
export function imageSpecs(
  architecture: Architecture,
  profile: KernelProfile,
  functions: MachineFunctions,
): ImageSpec[] {
  const { kernelImage, halImage } = profile.addresses;
  const driver = (index: number, name: 'sampledrv' | 'storfilt' | 'netsamp'): ImageSpec =>
    driverImageSpec(architecture, profile, index, {
      name,
      functions: functions[name],
      variables: [{ name: 'DeviceObject', size: 8 }],
      constants: [text('BuildPath', `${name} sample driver, built for poolscope`)],
    });
  return [
    {
      architecture,
      name: 'ntoskrnl.exe',
      module: 'nt',
      base: kernelImage,
      entryPoint: 'KiSystemStartup',
      timeDateStamp: 0xa593_8c00,
      pdb: { name: 'ntkrnlmp.pdb', guid: '5a3d17c0-6b1e-4f0a-9c2d-0000000000a1', age: 1 },
      functions: functions.nt,
      variables: kernelVariables(profile),
    },
    {
      architecture,
      name: 'hal.dll',
      module: 'hal',
      base: halImage,
      entryPoint: 'HalSystemStartup',
      timeDateStamp: 0x1a7b_e8e9,
      pdb: { name: 'hal.pdb', guid: '5a3d17c0-6b1e-4f0a-9c2d-0000000000a2', age: 1 },
      functions: functions.hal,
    },
    driver(0, 'storfilt'),
    driver(1, 'netsamp'),
    driver(2, 'sampledrv'),
  ];
}
