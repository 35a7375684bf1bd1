export * from './profile.ts';
export type { ProfileMember, ProfileStructure } from './series.ts';
