import type { Va } from '../base/index.ts';
import type { Kernel } from './kernel.ts';
import { MemberReader } from './member-reader.ts';
import type { Processor } from './processors.ts';

/** Which processor it is, by its KPRCB. Undefined: not known in this build, or (in `missing`) not in the dump. */
export interface ProcessorIdentity {
  readonly processor: number | undefined;
  readonly address: Va;
  readonly family: number | undefined;
  readonly model: number | undefined;
  readonly stepping: number | undefined;
  /** `GenuineIntel`; on arm64 the letter of the implementer, as in `Q` for Qualcomm. */
  readonly manufacturer: string | undefined;
  readonly mhz: number | undefined;
  /** Microcode revision: in the high half on Intel's processors. */
  readonly updateSignature: bigint | undefined;
  /** Bits that the kernel keeps, not those of CPUID. */
  readonly features: bigint | undefined;
  readonly missing: readonly string[];
}

/** Make, model and speed of a processor, out of its KPRCB. What the dump lacks is undefined, and `missing` says why. */
export function readProcessorIdentity(
  { structures, target }: Kernel,
  processor: Processor,
): ProcessorIdentity {
  const missing: string[] = [];
  const read = new MemberReader(structures.at('_KPRCB', processor.prcb), missing);
  const vendor = read.structure.text('VendorString');
  // What the number means on arm64 is not known.
  const type = target.machine === 'arm64' ? undefined : read.number('family', 'CpuType');
  // Both are bytes of one word: the model above the stepping.
  const step = read.number('model', 'CpuStep');
  return {
    processor: processor.number?.value,
    address: processor.prcb,
    family: type === undefined ? undefined : type & 0xff,
    model: read.number('model', 'CpuModel') ?? (step === undefined ? undefined : step >> 8),
    stepping: read.number('stepping', 'CpuStepping') ?? (step === undefined ? undefined : step & 0xff),
    manufacturer: vendor !== undefined && /^[\x20-\x7e]{1,13}$/.test(vendor) ? vendor : undefined,
    mhz: read.number('mhz', 'MHz'),
    updateSignature: read.large('updateSignature', 'UpdateSignature'),
    features: read.bigint('features', 'FeatureBits'),
    missing,
  };
}
