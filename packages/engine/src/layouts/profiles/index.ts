export { profiles } from './all-profiles.ts';
export { type SharedStructure, sharedWideStructure } from './driver-interface.ts';
export { sharedX86Structure } from './driver-interface-x86.ts';
export { builtInKernels, type KernelPlaces, type KernelSymbolsText, kernelPlaces } from './kernel-places.ts';
export { Profile } from './profile.ts';
export { type ProfileMember, type ProfileStructure, Series } from './series.ts';
export { sharedStructure } from './shared-structure.ts';
export { x64Profiles } from './x64-profiles.ts';
export { x86Profiles } from './x86-profiles.ts';
