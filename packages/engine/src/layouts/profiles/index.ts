export * from './driver-interface.ts';
export { builtInKernels, type KernelPlaces, type KernelSymbolsText, kernelPlaces } from './kernel-places.ts';
export * from './profile.ts';
export { type ProfileMember, type ProfileStructure, Series } from './series.ts';
