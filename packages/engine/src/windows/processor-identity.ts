import { latin1z, utf16, type Va } from '../base/index.ts';
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
  /** `GenuineIntel`. */
  readonly manufacturer: string | undefined;
  readonly mhz: number | undefined;
  /** Microcode revision: in the high half on Intel's processors. */
  readonly updateSignature: bigint | undefined;
  /** Bits that the kernel keeps, not those of CPUID. */
  readonly features: bigint | undefined;
  readonly missing: readonly string[];
}

export function readProcessorIdentity({ structures, target }: Kernel, processor: Processor): ProcessorIdentity {
  const missing: string[] = [];
  const read = new MemberReader(structures.at('_KPRCB', processor.prcb), missing);
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
    manufacturer: manufacturerOf(target, read.address('VendorString')),
    mhz: read.number('mhz', 'MHz'),
    updateSignature: read.large('updateSignature', 'UpdateSignature'),
    features: read.bigint('features', 'FeatureBits'),
    missing,
  };
}

const vendorLength = 64;

/** 13 characters on x64 and x86, of two bytes each and more of them on arm64 (seen in a real dump). */
function manufacturerOf(target: Kernel['target'], at: Va | undefined): string | undefined {
  const bytes = at === undefined ? undefined : target.readBytes(at, vendorLength);
  if (bytes === undefined) return undefined;
  const text = bytes[1] === 0 ? utf16(bytes).split('\0')[0]! : latin1z(bytes.subarray(0, 13));
  return /^[\x20-\x7e]+$/.test(text) ? text.trim() : undefined;
}
