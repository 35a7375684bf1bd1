/** The catalogue of bug checks: see docs/formats/bug-checks.md. */
export { type Access, accessOf } from './access.ts';
export { describeBugCheck } from './describe.ts';
export { type BugCheckEntry, explainBugCheck, type Subcodes } from './explain.ts';
export { fastFailName } from './fast-fail.ts';
export { bugCheckName } from './names.ts';
export { describeNtStatus, type NtStatus, ntStatusName } from './ntstatus.ts';
export type { BugCheck, BugCheckFacts, ParameterRole, PoolRelation } from './types.ts';
