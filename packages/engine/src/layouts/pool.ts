import { layout, u8, u16, u32, u64 } from './layout.ts';

/**
 * In front of every small pool block. The kernel declares the first four as bit fields of wider words; their places are
 * these bytes in all builds. Source: PDB types of Windows Server 2003 to 10.
 */
export const POOL_HEADER64 = layout('POOL_HEADER64', 0x10, {
  PreviousSize: u8(0x0),
  PoolIndex: u8(0x1),
  BlockSize: u8(0x2),
  PoolType: u8(0x3),
  PoolTag: u32(0x4),
  ProcessBilled: u64(0x8),
});

/** On x86 two words hold 9 bits of size and 7 bits more each. Source: PDB types of Windows XP to 10. */
export const POOL_HEADER32 = layout('POOL_HEADER32', 0x8, {
  PreviousSizeAndPoolIndex: u16(0x0),
  BlockSizeAndPoolType: u16(0x2),
  PoolTag: u32(0x4),
});
