/**
 * What a parameter is.
 *
 * - `address`: an address; in a bug check that also has an `ip` or a saved record, the memory that was referenced.
 * - `ip`: the instruction that failed, never just some code address.
 * - `pool-address`: a pool block as its owner knows it; `pool-header`: the address of a pool header (its contents are a `value`).
 * - `pte`: the address of a page table entry (its contents are a `value`); `pfn`: a page frame number.
 * - `driver-name`: the address of a name.
 * - `subcode`: the number that says which kind of violation it is.
 * - `value`: anything else, also what is not documented.
 */
export type ParameterRole =
  | 'exception-code'
  | 'address'
  | 'access'
  | 'ip'
  | 'irql'
  | 'context-record'
  | 'exception-record'
  | 'trap-frame'
  | 'pool-address'
  | 'pool-header'
  | 'pool-tag'
  | 'pool-type'
  | 'pte'
  | 'pfn'
  | 'thread'
  | 'process'
  | 'irp'
  | 'device-object'
  | 'driver-name'
  | 'ntstatus'
  | 'subcode'
  | 'size'
  | 'value'
  | 'reserved';

/** What the dump header says of the bug check, and on what machine. */
export interface BugCheckFacts {
  /** As in the header: with 0x10000000 in `M` codes. */
  readonly code: number;
  readonly parameters: readonly [bigint, bigint, bigint, bigint];
  readonly build: number;
  readonly machine: 'x64' | 'x86' | 'arm64';
}

/**
 * Does the bug check speak of pool memory?
 * `yes`: it reports damaged or misused pool; `no`: it has another subject;
 * `maybe`: damaged pool is one of its usual causes, or nothing is known of it.
 */
export type PoolRelation = 'yes' | 'maybe' | 'no';

/** A bug check in words. */
export interface BugCheck {
  readonly code: number;
  /** Without 0x10000000 when it is an `M` code. */
  readonly baseCode: number;
  /** `KERNEL_MODE_HEAP_CORRUPTION`; `BUGCHECK_0x…` when the code has no public name. */
  readonly name: string;
  /** One to three sentences, with the meaning of the sub-code or exception code when there is one. */
  readonly description: string;
  /** One short phrase a parameter, without a full stop; `reserved` where it is. */
  readonly meanings: readonly [string, string, string, string];
  /** For this sub-code, build and machine. */
  readonly roles: readonly [ParameterRole, ParameterRole, ParameterRole, ParameterRole];
  readonly relatesToPool: PoolRelation;
}
