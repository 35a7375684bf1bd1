import { buildImage } from '../image/build-image.ts';
import type { FunctionSpec, ImageSpec } from '../image/image-spec.ts';
import type { PrologStep } from '../image/x64-prolog.ts';
import { finishMachine, startMachine } from '../machine/build-machine.ts';
import { imageSpecs } from '../machine/image-specs.ts';
import { bootKernel } from '../machine/kernel-boot.ts';
import type { Machine, MachineOptions } from '../machine/machine.ts';
import type { Crash, Platform } from '../machine/platform.ts';
import { createThread, type KernelStack } from '../machine/processes.ts';
import { classicProfile } from '../machine/profiles/classic.ts';
import type { KernelProfile } from '../machine/profiles/profile.ts';
import { processStory } from '../machine/story.ts';
import { userPlaces } from '../machine/user-memory.ts';
import {
  halFunctions,
  networkSampleFunctions,
  sampleDriverFunctions,
  storageFilterFunctions,
} from '../machine/x64/driver-images.ts';
import { kernelFunctions } from '../machine/x64/kernel-image.ts';
import { x64PlatformOf } from '../machine/x64/platform.ts';
import { x64Paging } from '../memory/paging-format.ts';
import { type ArticleSite, firstCrash, secondCrash, thirdCrash, thirdPlainCrash } from './crashes.ts';
import { articleDriver } from './driver.ts';
import { part1, part2, part3 } from './facts.ts';
import { firstKernelFunctions } from './first-kernel.ts';
import { laterKernelFunctions } from './later-kernel.ts';
import { prepareFirst, prepareSecond, prepareThird, prepareThirdPlain } from './memory.ts';

/**
 * The machines of the article: the overrun, the same with special pool, the double free as the kernel itself sees it, and
 * that with special pool.
 */
export type ArticlePart = 1 | 2 | '3-plain' | 3;

interface Plan {
  readonly kernelBase: bigint;
  readonly functions: readonly FunctionSpec<PrologStep>[];
  readonly driverBase?: bigint;
  /** Does the verifier watch the driver? Yes when absent. */
  readonly isVerified?: boolean;
  /** The first address behind the crashing thread's first trap frame. */
  readonly stackTop: bigint;
  readonly prepare: NonNullable<MachineOptions['prepare']>;
  readonly crash: (site: ArticleSite) => Crash;
}

const trapFrameSize = 0x190n;

/** The kernel with the part's own functions in place of the usual ones of the same names. */
const plans: Readonly<Record<ArticlePart, Plan>> = {
  1: {
    kernelBase: part1.kernelBase,
    functions: firstKernelFunctions,
    stackTop: 0xffff_f880_0476_4460n,
    prepare: prepareFirst,
    crash: firstCrash,
  },
  2: {
    kernelBase: part2.kernelBase,
    functions: laterKernelFunctions,
    driverBase: part2.driverBase,
    stackTop: part2.trapFrame + trapFrameSize,
    prepare: prepareSecond,
    crash: secondCrash,
  },
  '3-plain': {
    kernelBase: part3.kernelBase,
    functions: [],
    isVerified: false,
    driverBase: part3.driverBase,
    stackTop: part3.trapFrame + trapFrameSize,
    prepare: prepareThirdPlain,
    crash: thirdPlainCrash,
  },
  3: {
    kernelBase: part3.kernelBase,
    functions: laterKernelFunctions,
    driverBase: part3.driverBase,
    stackTop: part3.trapFrame + trapFrameSize,
    prepare: prepareThird,
    crash: thirdCrash,
  },
};

/** As much memory as the page numbers in the article need. */
const memoryPages = 0x2_0000;
const build = 9200;

/** The machine of a part of the article, with what the article shows at the addresses where it shows it. */
export function articleMachine(part: ArticlePart): Machine {
  const plan = plans[part];
  const platform = platformOf(plan);
  const options: MachineOptions = { build, memoryPages, prepare: plan.prepare };
  const started = startMachine(options, bootKernel(platform, x64Paging, options));
  const { world, loaded } = started.kernel;
  const stack = stackBelow(plan.stackTop);
  world.space.allocate(stack.limit, Number(stack.base - stack.limit), { writable: true });
  const { id: processId, threadId: id } = processStory.crashed;
  const { teb } = userPlaces(platform);
  const process = started.processes.current;
  const thread = createThread(world, { process, stack, id, processId, teb });
  world.linkList(process.at('ThreadListHead'), [thread.at('ThreadListEntry')]);
  return finishMachine(started, { thread, stack, crash: plan.crash({ world, loaded, stack }), triaged: [] });
}

const stackSize = 0x6000n;

function stackBelow(initial: bigint): KernelStack {
  const base = (initial & ~0xfffn) + 0x1000n;
  return { limit: base - stackSize, base, initial };
}

function platformOf(plan: Plan): Platform {
  const known = classicProfile('x64', build)!;
  const profile: KernelProfile = {
    ...known,
    addresses: {
      ...known.addresses,
      kernelImage: plan.kernelBase,
      halImage: plan.kernelBase - 0x6_c000n,
    },
  };
  return { ...x64PlatformOf(profile), buildImages: () => imagesOf(profile, plan).map(buildImage) };
}

function imagesOf(profile: KernelProfile, { functions, driverBase, isVerified = true }: Plan): ImageSpec[] {
  const own = new Set(functions.map(({ name }) => name));
  const usual = kernelFunctions.filter(({ name }) => !own.has(name));
  const [nt, ...others] = imageSpecs('x64', profile, {
    nt: [...usual, ...functions],
    hal: halFunctions,
    sampledrv: sampleDriverFunctions,
    storfilt: storageFilterFunctions,
    netsamp: networkSampleFunctions,
  });
  const kernel = { ...nt!, linkOrder: [], variables: placeDescriptor(nt!) };
  return [kernel, ...others, ...(driverBase === undefined ? [] : [articleDriver(driverBase, isVerified)])];
}

/** The descriptor of nonpaged pool is where part 1 shows it, behind all other variables. */
function placeDescriptor({ base, variables = [] }: ImageSpec): ImageSpec['variables'] {
  if (base !== part1.kernelBase) return variables;
  const name = 'NonPagedPoolDescriptor';
  const at = Number(part1.descriptor - part1.kernelBase);
  const others = variables.filter((each) => each.name !== name);
  return [...others, ...variables.filter((each) => each.name === name).map((each) => ({ ...each, at }))];
}
