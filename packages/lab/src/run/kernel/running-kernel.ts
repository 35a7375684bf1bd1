import { buildImage } from '../../image/build-image.ts';
import type { BuiltImage } from '../../image/built-image.ts';
import type { DataSpec, FunctionSpec, ImageSpec } from '../../image/image-spec.ts';
import { callTo, move } from '../../image/x64-code.ts';
import { x64Function } from '../../image/x64-function.ts';
import { at } from '../../image/x64-operands.ts';
import { allocated, type PrologStep, pushed } from '../../image/x64-prolog.ts';
import { heapVariables } from '../../machine/heap-variables.ts';
import { identified } from '../../machine/image-identity.ts';
import { driverImageSpec, imageSpecs } from '../../machine/image-specs.ts';
import type { Platform } from '../../machine/platform.ts';
import { keepsClassicPool } from '../../machine/pool-variables.ts';
import type { KernelProfile } from '../../machine/profiles/profile.ts';
import { StructureTable } from '../../machine/structure-table.ts';
import { playWait } from '../../machine/wait-scene.ts';
import { x64Crashes } from '../../machine/x64/crashes.ts';
import {
  halFunctions,
  networkSampleFunctions,
  sampleDriverFunctions,
  storageFilterFunctions,
} from '../../machine/x64/driver-images.ts';
import { kernelFunctions } from '../../machine/x64/kernel-image.ts';
import { slistHeaderBits } from '../../pool/pool-layout.ts';
import type { Driver } from '../driver.ts';
import { heapPart } from '../heap-part.ts';
import type { KernelServices } from '../kernel-services.ts';
import type { MachinePlaces } from '../machine-places.ts';
import { deviceIoFunctions } from './device-io.ts';
import { dpcFunctions } from './dpc-calls.ts';
import { exceptionFunctions } from './exceptions.ts';
import { watchedIrqlFunctions } from './irql-calls.ts';
import { lookasideFunctions } from './lookaside-calls.ts';
import { mdlFunctions } from './mdl-calls.ts';
import { poolFunctions } from './pool-calls.ts';
import { powerFunctions, powerVariables } from './power-calls.ts';
import { quotaFunctions } from './quota-calls.ts';
import { runtimeFunctions } from './runtime.ts';
import {
  deviceControlService,
  type SystemCall,
  systemCallFunctions,
  threadFunctions,
} from './system-call.ts';
import { trapFunctions } from './traps.ts';
import type { WatchedPool } from './watched-pool.ts';
import { watchedPoolFunctions } from './watched-pool-calls.ts';

/** Variables that the functions here use, beside those of every machine. */
const moreVariables: readonly DataSpec[] = [
  { name: 'PerfGlobalGroupMask', size: 0x20, alignment: 16 },
  { name: 'IopFunctionPointerMask', size: 8 },
  { name: 'KiBugCheckDriver', size: 8 },
  { name: 'MmSpecialPoolCatchOverruns', size: 4 },
  ...powerVariables,
];

/** First build that calls dispatch routines instead of jumping to them. */
const windows10 = 10_240;

/** Loads a driver that is in memory: its object in rcx, its service's key in rdx. */
const loadDriver = x64Function(
  'IopLoadDriver',
  [pushed('rbx'), allocated(0x30)],
  [move('rbx', 'rcx'), callTo(at('rbx', 0x58))],
);

export interface RunningKernel {
  readonly services: KernelServices;
  readonly watchedPool: WatchedPool;
  readonly pendingCall: () => SystemCall;
  readonly drivers: readonly Driver[];
  /** Where images and functions have to be. */
  readonly places?: MachinePlaces | undefined;
}

function runningFunctions(
  profile: KernelProfile,
  { services, watchedPool, pendingCall }: RunningKernel,
): FunctionSpec<PrologStep>[] {
  const own = [
    ...trapFunctions(services),
    ...exceptionFunctions(services, profile.build),
    ...systemCallFunctions(services, pendingCall),
    ...threadFunctions(services),
    deviceControlService(),
    ...deviceIoFunctions(services, { jumpsToDrivers: profile.build < windows10 }),
    ...(keepsClassicPool(profile) ? poolFunctions : heapPart().functions)(services, watchedPool),
    ...mdlFunctions(services),
    ...runtimeFunctions,
    loadDriver,
    ...watchedPoolFunctions(watchedPool, !keepsClassicPool(profile)),
    ...watchedIrqlFunctions(watchedPool),
    ...quotaFunctions(services),
    ...lookasideFunctions(slistHeaderBits(new StructureTable('x64', profile.build))),
    ...dpcFunctions(services),
    ...powerFunctions(services),
  ];
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...kernelFunctions.filter(({ name }) => !names.has(name))];
}

/** The images of a machine that runs: its kernel's code is executed, and its drivers are loaded behind the others. */
function runningImages(profile: KernelProfile, kernel: RunningKernel): ImageSpec[] {
  const specs = imageSpecs('x64', profile, {
    nt: runningFunctions(profile, kernel),
    hal: halFunctions,
    sampledrv: sampleDriverFunctions,
    storfilt: storageFilterFunctions,
    netsamp: networkSampleFunctions,
  });
  const [nt, ...others] = specs as [ImageSpec, ...ImageSpec[]];
  const drivers = kernel.drivers.map((driver, index) =>
    driverImageSpec('x64', profile, others.length - 1 + index, {
      name: driver.name,
      functions: driver.functions,
      variables: driver.variables,
      constants: driver.constants,
      ...(driver.stamp === undefined ? {} : { stamp: driver.stamp }),
    }),
  );
  const variables = [
    ...(nt.variables ?? []),
    ...moreVariables,
    ...(keepsClassicPool(profile) ? [] : heapVariables(profile, new StructureTable('x64', profile.build))),
  ];
  const images = [{ ...nt, variables }, ...others, ...drivers];
  if (kernel.places === undefined) return images;
  // Other code and other places are another image.
  return kernel.places
    .arrange(images)
    .map(({ pdb, ...spec }) => identified({ ...spec, pdbName: pdb.name }, profile.build));
}

/** The platform of a machine whose code runs. */
export function runningPlatform(platform: Platform, kernel: RunningKernel): Platform {
  const waits = {
    ...x64Crashes,
    systemCall: { ...x64Crashes.systemCall, part: 'nt!KiSystemServiceCopyEnd' },
  };
  return {
    ...platform,
    buildImages: (): BuiltImage[] => runningImages(platform.profile, kernel).map(buildImage),
    wait: (kind, site) => playWait(waits, kind, site),
  };
}
