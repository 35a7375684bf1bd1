export * from './driver-interface.ts';
export * from './profile.ts';
export { type ProfileMember, type ProfileStructure, Series } from './series.ts';
