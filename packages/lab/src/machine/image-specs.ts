import { asciiBytes } from '../bytes/integers.ts';
import type { Architecture, DataSpec, FunctionSpec, ImageSpec } from '../image/image-spec.ts';
import { identified, type UnidentifiedImage } from './image-identity.ts';
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
  {
    name,
    stamp,
    ...contents
  }: Pick<ImageSpec, 'name' | 'functions' | 'variables' | 'constants'> & { readonly stamp?: number },
): ImageSpec => {
  const spec = identified(
    {
      architecture,
      name: `${name}.sys`,
      module: name,
      entryPoint: 'DriverEntry',
      base: profile.addresses.driverImages + BigInt(index) * driverSpacing,
      timeDateStamp: driverTime,
      pdbName: `${name}.pdb`,
      ...contents,
    },
    profile.build,
  );
  return stamp === undefined ? spec : { ...spec, timeDateStamp: stamp };
};

/** The months in which the drivers were built; the kernel's stamp is no time, as in current builds. */
const driverTime = 0x6300_0000;
const kernelTime = 0xa500_0000;
const halTime = 0x1a00_0000;

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
  const system = (spec: Omit<UnidentifiedImage, 'architecture'>): ImageSpec =>
    identified({ architecture, ...spec }, profile.build);
  return [
    system({
      name: 'ntoskrnl.exe',
      module: 'nt',
      base: kernelImage,
      entryPoint: 'KiSystemStartup',
      timeDateStamp: kernelTime,
      pdbName: 'ntkrnlmp.pdb',
      functions: functions.nt,
      variables: kernelVariables(profile),
    }),
    system({
      name: 'hal.dll',
      module: 'hal',
      base: halImage,
      entryPoint: 'HalSystemStartup',
      timeDateStamp: halTime,
      pdbName: 'hal.pdb',
      functions: functions.hal,
    }),
    driver(0, 'storfilt'),
    driver(1, 'netsamp'),
    driver(2, 'sampledrv'),
  ];
}
