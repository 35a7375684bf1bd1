// Written by `node test/bench/fleet/main.mjs --measure`: verdicts of real analyses, by story, allocator and kind of dump.

/** How often, kind, confidence, suspects with scores, tag, text of the damage, signature. */
export type MeasuredVerdict = readonly [
  count: number,
  kind: string,
  confidence: number,
  suspects: readonly (readonly [module: string, score: number])[],
  tag: string | null,
  text: string | null,
  signature: string,
];

export const measuredVerdicts: Readonly<Record<string, readonly MeasuredVerdict[]>> = {
  'bit-flip-header classic bitmap-kernel': [
    [1, 'single-bit-error', 0.95, [], null, null, 'single-bit-error|header+0x0|length:1'],
  ],
  'bit-flip-header classic triage': [
    [1, 'single-bit-error', 0.95, [], null, null, 'single-bit-error|header+0x0|length:1'],
  ],
  'bit-flip-header heap bitmap-kernel': [
    [
      1,
      'pool-header-corruption',
      0.9,
      [['$1.sys', 0.9]],
      null,
      null,
      'BAD_POOL_CALLER|d|pool-header-corruption|$1',
    ],
  ],
  'bit-flip-header heap triage': [
    [1, 'pool-header-corruption', 0.9, [], null, null, 'BAD_POOL_CALLER|d|pool-header-corruption'],
  ],
  'bit-flip-link classic bitmap-kernel': [
    [1, 'single-bit-error', 0.9, [], null, null, 'single-bit-error|body|length:1'],
  ],
  'bit-flip-link classic triage': [[1, 'unknown', 0, [], null, null, 'KERNEL_SECURITY_CHECK_FAILURE|3|$1']],
  'bit-flip-link heap bitmap-kernel': [[1, 'unknown', 0, [], null, null, 'PAGE_FAULT_IN_NONPAGED_AREA|$1']],
  'bit-flip-link heap triage': [[1, 'unknown', 0, [], null, null, 'PAGE_FAULT_IN_NONPAGED_AREA|$1']],
  'double-free-late classic bitmap-kernel': [
    [
      3,
      'double-free',
      1,
      [['$c.sys', 0.9]],
      '$C',
      null,
      'BAD_POOL_CALLER|7|double-free|$C|block:0x101-0x200|$c',
    ],
    [
      2,
      'double-free',
      1,
      [['$c.sys', 0.9]],
      '$C',
      null,
      'BAD_POOL_CALLER|7|double-free|$C|block:0x81-0x100|$c',
    ],
  ],
  'double-free-late classic triage': [
    [3, 'double-free', 1, [], '$C', null, 'BAD_POOL_CALLER|7|double-free|$C|block:0x101-0x200'],
    [2, 'double-free', 1, [], '$C', null, 'BAD_POOL_CALLER|7|double-free|$C|block:0x81-0x100'],
  ],
  'double-free-late heap bitmap-kernel': [
    [5, 'unknown', 0, [], null, null, 'KERNEL_MODE_HEAP_CORRUPTION|11|$c'],
  ],
  'double-free-late heap triage': [[5, 'unknown', 0, [], null, null, 'KERNEL_MODE_HEAP_CORRUPTION|11']],
  'double-free-lookaside classic bitmap-kernel': [
    [
      1,
      'double-free',
      1,
      [['$c.sys', 0.9]],
      '$C',
      null,
      'BAD_POOL_CALLER|7|double-free|$C|block:0x101-0x200|$c',
    ],
  ],
  'double-free-lookaside classic triage': [
    [1, 'double-free', 1, [], '$C', null, 'BAD_POOL_CALLER|7|double-free|$C|block:0x101-0x200'],
  ],
  'double-free-lookaside heap bitmap-kernel': [
    [1, 'unknown', 0, [], null, null, 'KERNEL_MODE_HEAP_CORRUPTION|8|$1'],
  ],
  'double-free-lookaside heap triage': [[1, 'unknown', 0, [], null, null, 'KERNEL_MODE_HEAP_CORRUPTION|8']],
  'double-free-reused classic bitmap-kernel': [
    [
      3,
      'double-free',
      0.9,
      [['$c.sys', 0.9]],
      '$C',
      null,
      'BAD_POOL_CALLER|a|double-free|$C|block:0x101-0x200|$c',
    ],
    [
      1,
      'double-free',
      0.9,
      [['$c.sys', 0.75]],
      null,
      null,
      'KERNEL_SECURITY_CHECK_FAILURE|3|double-free|block:0x81-0x100|$c.sys',
    ],
    [
      1,
      'double-free',
      1,
      [
        ['$c.sys', 0.75],
        ['$1.sys', 0.5],
      ],
      null,
      null,
      'BAD_POOL_CALLER|7|double-free|block:0x101-0x200|$c.sys',
    ],
  ],
  'double-free-reused classic triage': [
    [3, 'pool-misuse', 0.4, [], null, null, 'BAD_POOL_CALLER|a'],
    [1, 'unknown', 0, [], null, null, 'KERNEL_SECURITY_CHECK_FAILURE|3|$1'],
    [1, 'double-free', 1, [], '$A', null, 'BAD_POOL_CALLER|7|double-free|$A|block:0x101-0x200'],
  ],
  'double-free-reused heap bitmap-kernel': [
    [5, 'unknown', 0, [], null, null, 'KERNEL_MODE_HEAP_CORRUPTION|11|$1'],
  ],
  'double-free-reused heap triage': [[5, 'unknown', 0, [], null, null, 'KERNEL_MODE_HEAP_CORRUPTION|11']],
  'free-as-name classic bitmap-kernel': [
    [
      1,
      'pool-misuse',
      0.9,
      [['$c.sys', 0.9]],
      '$C',
      null,
      'BAD_POOL_CALLER|a|pool-misuse|$C|block:0x401-0x800|$c',
    ],
  ],
  'free-as-name classic triage': [[1, 'pool-misuse', 0.4, [], null, null, 'BAD_POOL_CALLER|a']],
  'free-field classic bitmap-kernel': [
    [
      1,
      'invalid-free',
      0.9,
      [['$c.sys', 0.9]],
      '$C',
      null,
      'BAD_POOL_CALLER|7|invalid-free|$C|block:0x401-0x800|$c',
    ],
  ],
  'free-field classic triage': [
    [1, 'invalid-free', 0.9, [], '$C', null, 'BAD_POOL_CALLER|7|invalid-free|$C|block:0x401-0x800'],
  ],
  'free-field heap bitmap-kernel': [
    [
      1,
      'pool-header-corruption',
      0.9,
      [['$c.sys', 0.9]],
      null,
      null,
      'BAD_POOL_CALLER|d|pool-header-corruption|$c',
    ],
  ],
  'free-field heap triage': [
    [1, 'pool-header-corruption', 0.9, [], null, null, 'BAD_POOL_CALLER|d|pool-header-corruption'],
  ],
  'free-large-inside classic bitmap-kernel': [
    [
      1,
      'invalid-free',
      0.9,
      [['$c.sys', 0.9]],
      'Cont',
      null,
      'BAD_POOL_HEADER|22|invalid-free|Cont|block:0x1001-0x2000|$c',
    ],
  ],
  'free-large-inside classic triage': [
    [1, 'invalid-free', 0.9, [], null, null, 'BAD_POOL_HEADER|22|invalid-free'],
  ],
  'free-large-inside heap bitmap-kernel': [
    [1, 'invalid-free', 0.9, [['$c.sys', 0.9]], null, null, 'BAD_POOL_HEADER|22|invalid-free|$c'],
  ],
  'free-large-inside heap triage': [
    [1, 'invalid-free', 0.9, [], null, null, 'BAD_POOL_HEADER|22|invalid-free'],
  ],
  'free-stack classic bitmap-kernel': [
    [1, 'invalid-free', 0.9, [['$c.sys', 0.9]], null, null, 'BAD_POOL_CALLER|42|invalid-free|$c'],
  ],
  'free-stack classic triage': [[1, 'invalid-free', 0.9, [], null, null, 'BAD_POOL_CALLER|42|invalid-free']],
  'free-stack heap bitmap-kernel': [
    [1, 'double-free', 0.9, [['$c.sys', 0.9]], null, null, 'BAD_POOL_CALLER|7|double-free|$c'],
  ],
  'free-stack heap triage': [[1, 'double-free', 0.9, [], null, null, 'BAD_POOL_CALLER|7|double-free']],
  'free-unaligned classic bitmap-kernel': [
    [
      1,
      'invalid-free',
      0.9,
      [['$c.sys', 0.9]],
      '$C',
      null,
      'BAD_POOL_CALLER|46|invalid-free|$C|block:0x81-0x100|$c',
    ],
  ],
  'free-unaligned classic triage': [
    [1, 'invalid-free', 0.9, [], '$C', null, 'BAD_POOL_CALLER|46|invalid-free|$C|block:0x81-0x100'],
  ],
  'free-unaligned heap bitmap-kernel': [
    [1, 'double-free', 0.9, [['$c.sys', 0.9]], null, null, 'BAD_POOL_CALLER|7|double-free|$c'],
  ],
  'free-unaligned heap triage': [[1, 'double-free', 0.9, [], null, null, 'BAD_POOL_CALLER|7|double-free']],
  'free-user-address classic bitmap-kernel': [
    [1, 'invalid-free', 0.9, [['$c.sys', 0.9]], null, null, 'BAD_POOL_CALLER|40|invalid-free|$c'],
  ],
  'free-user-address classic triage': [
    [1, 'invalid-free', 0.9, [], null, null, 'BAD_POOL_CALLER|40|invalid-free'],
  ],
  'free-user-address heap bitmap-kernel': [
    [1, 'use-after-free', 0.45, [['$c.sys', 0.2]], null, null, 'SYSTEM_SERVICE_EXCEPTION|c0000005|nt'],
  ],
  'free-user-address heap triage': [
    [1, 'unknown', 0, [], null, null, 'SYSTEM_SERVICE_EXCEPTION|c0000005|nt'],
  ],
  'healthy-crash-keys classic bitmap-kernel': [
    [1, 'not-pool', 0.8, [], null, null, 'MANUALLY_INITIATED_CRASH|not-pool|i8042prt'],
  ],
  'healthy-crash-keys classic triage': [
    [1, 'not-pool', 0.8, [], null, null, 'MANUALLY_INITIATED_CRASH|not-pool'],
  ],
  'healthy-crash-keys heap bitmap-kernel': [
    [1, 'not-pool', 0.8, [], null, null, 'MANUALLY_INITIATED_CRASH|not-pool|i8042prt'],
  ],
  'healthy-crash-keys heap triage': [
    [1, 'not-pool', 0.8, [], null, null, 'MANUALLY_INITIATED_CRASH|not-pool'],
  ],
  'healthy-interrupt classic bitmap-kernel': [
    [1, 'not-pool', 0.75, [['$c.sys', 0.7]], null, null, 'KMODE_EXCEPTION_NOT_HANDLED|c0000005|not-pool|$c'],
  ],
  'healthy-interrupt classic triage': [
    [1, 'unknown', 0, [], null, null, 'KMODE_EXCEPTION_NOT_HANDLED|c0000005|$c'],
  ],
  'healthy-interrupt heap bitmap-kernel': [
    [1, 'unknown', 0, [], null, null, 'KMODE_EXCEPTION_NOT_HANDLED|c0000005|$c'],
  ],
  'healthy-interrupt heap triage': [
    [1, 'unknown', 0, [], null, null, 'KMODE_EXCEPTION_NOT_HANDLED|c0000005|$c'],
  ],
  'healthy-kernel-copy classic bitmap-kernel': [
    [1, 'not-pool', 0.6, [['$c.sys', 0.6]], null, null, 'IRQL_NOT_LESS_OR_EQUAL|not-pool|nt!memcpy'],
  ],
  'healthy-kernel-copy classic triage': [[1, 'unknown', 0, [], null, null, 'IRQL_NOT_LESS_OR_EQUAL|nt']],
  'healthy-kernel-copy heap bitmap-kernel': [
    [1, 'unknown', 0, [], null, null, 'IRQL_NOT_LESS_OR_EQUAL|nt!memcpy'],
  ],
  'healthy-kernel-copy heap triage': [[1, 'unknown', 0, [], null, null, 'IRQL_NOT_LESS_OR_EQUAL|nt']],
  'healthy-removed-card classic bitmap-kernel': [
    [1, 'not-pool', 0.6, [['$c.sys', 0.7]], null, null, 'DRIVER_IRQL_NOT_LESS_OR_EQUAL|not-pool|$c'],
  ],
  'healthy-removed-card classic triage': [
    [1, 'unknown', 0, [], null, null, 'DRIVER_IRQL_NOT_LESS_OR_EQUAL|$c'],
  ],
  'healthy-removed-card heap bitmap-kernel': [
    [1, 'unknown', 0, [], null, null, 'DRIVER_IRQL_NOT_LESS_OR_EQUAL|$c'],
  ],
  'healthy-removed-card heap triage': [[1, 'unknown', 0, [], null, null, 'DRIVER_IRQL_NOT_LESS_OR_EQUAL|$c']],
  'healthy-worker classic bitmap-kernel': [
    [
      1,
      'not-pool',
      0.75,
      [['$c.sys', 0.7]],
      null,
      null,
      'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED|c0000005|not-pool|$c',
    ],
  ],
  'healthy-worker classic triage': [
    [
      1,
      'not-pool',
      0.75,
      [['$c.sys', 0.7]],
      null,
      null,
      'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED|c0000005|not-pool|$c',
    ],
  ],
  'healthy-worker heap bitmap-kernel': [
    [
      1,
      'not-pool',
      0.75,
      [['$c.sys', 0.7]],
      null,
      null,
      'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED|c0000005|not-pool|$c',
    ],
  ],
  'healthy-worker heap triage': [
    [
      1,
      'not-pool',
      0.75,
      [['$c.sys', 0.7]],
      null,
      null,
      'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED|c0000005|not-pool|$c',
    ],
  ],
  'overrun-element classic bitmap-kernel': [
    [
      1,
      'pool-overrun',
      0.9,
      [
        ['$c.sys', 0.7],
        ['$1.sys', 0.2],
      ],
      '$C',
      null,
      'pool-overrun|$C|block:0x101-0x200|at-end|length:9-16|$c.sys',
    ],
  ],
  'overrun-element classic triage': [
    [1, 'pool-overrun', 0.6, [], '$C', null, 'pool-overrun|$C|block:0x101-0x200|at-end|length:9-16'],
  ],
  'overrun-element heap bitmap-kernel': [
    [1, 'double-free', 0.9, [['$1.sys', 0.9]], null, null, 'BAD_POOL_CALLER|7|double-free|$1'],
  ],
  'overrun-element heap triage': [[1, 'double-free', 0.9, [], null, null, 'BAD_POOL_CALLER|7|double-free']],
  'overrun-far classic bitmap-kernel': [
    [
      1,
      'pool-overrun',
      1,
      [
        ['$c.sys', 0.7],
        ['$1.sys', 0.2],
      ],
      '$C',
      null,
      'pool-overrun|$C|block:0x101-0x200|at-end|length:257-512|$c.sys',
    ],
  ],
  'overrun-far classic triage': [
    [1, 'pool-overrun', 1, [], '$C', null, 'pool-overrun|$C|block:0x101-0x200|at-end|length:257-512'],
  ],
  'overrun-far heap bitmap-kernel': [
    [1, 'double-free', 0.9, [['$1.sys', 0.9]], null, null, 'BAD_POOL_CALLER|7|double-free|$1'],
  ],
  'overrun-far heap triage': [[1, 'double-free', 0.9, [], null, null, 'BAD_POOL_CALLER|7|double-free']],
  'overrun-hostname classic bitmap-kernel': [
    [
      1,
      'pool-overrun',
      1,
      [
        ['$c.sys', 0.7],
        ['$1.sys', 0.2],
      ],
      '$C',
      'lab.example.or',
      'pool-overrun|$C|block:0x81-0x100|at-end|length:9-16|$c.sys',
    ],
  ],
  'overrun-hostname classic triage': [
    [
      1,
      'pool-overrun',
      0.95,
      [],
      '$C',
      'lab.example.or',
      'pool-overrun|$C|block:0x81-0x100|at-end|length:9-16',
    ],
  ],
  'overrun-hostname heap bitmap-kernel': [
    [1, 'use-after-free', 0.45, [['$1.sys', 0.2]], null, null, 'IRQL_NOT_LESS_OR_EQUAL|nt'],
  ],
  'overrun-hostname heap triage': [[1, 'unknown', 0, [], null, null, 'IRQL_NOT_LESS_OR_EQUAL|nt']],
  'overrun-into-free classic bitmap-kernel': [
    [
      1,
      'pool-overrun',
      1,
      [['$c.sys', 0.75]],
      '$C',
      null,
      'pool-overrun|$C|block:0x401-0x800|at-end|length:17-32|$c.sys',
    ],
  ],
  'overrun-into-free classic triage': [
    [1, 'pool-underrun', 0.6, [], null, null, 'pool-underrun|block:0x81-0x100|before|length:33-64'],
  ],
  'overrun-last-byte classic bitmap-kernel': [
    [
      1,
      'pool-overrun',
      1,
      [['$c.sys', 0.75]],
      '$C',
      null,
      'pool-overrun|$C|block:0x201-0x400|at-end|length:1|$c.sys',
    ],
  ],
  'overrun-last-byte classic triage': [
    [1, 'pool-overrun', 1, [], '$C', null, 'pool-overrun|$C|block:0x201-0x400|at-end|length:1'],
  ],
  'overrun-nul classic bitmap-kernel': [
    [1, 'single-bit-error', 0.95, [], null, null, 'single-bit-error|header+0x0|length:1'],
  ],
  'overrun-nul classic triage': [
    [1, 'single-bit-error', 0.95, [], null, null, 'single-bit-error|header+0x0|length:1'],
  ],
  'overrun-structure classic bitmap-kernel': [
    [
      1,
      'pool-overrun',
      1,
      [['$c.sys', 0.85]],
      '$C',
      null,
      'pool-overrun|$C|block:0x81-0x100|at-end|length:33-64|$c.sys',
    ],
  ],
  'overrun-structure classic triage': [
    [1, 'pool-overrun', 0.95, [], '$C', null, 'pool-overrun|$C|block:0x81-0x100|at-end|length:33-64'],
  ],
  'overrun-structure heap bitmap-kernel': [
    [1, 'double-free', 0.9, [['$c.sys', 0.9]], null, null, 'BAD_POOL_CALLER|7|double-free|$c'],
  ],
  'overrun-structure heap triage': [[1, 'double-free', 0.9, [], null, null, 'BAD_POOL_CALLER|7|double-free']],
  'overrun-utf16 classic bitmap-kernel': [
    [
      1,
      'pool-overrun',
      1,
      [['$c.sys', 0.75]],
      '$C',
      'e_modules',
      'pool-overrun|$C|block:0x201-0x400|at-end|length:17-32|$c.sys',
    ],
  ],
  'overrun-utf16 classic triage': [
    [1, 'pool-overrun', 1, [], '$C', 'e_modules', 'pool-overrun|$C|block:0x201-0x400|at-end|length:17-32'],
  ],
  'overrun-utf16 heap bitmap-kernel': [
    [1, 'double-free', 0.9, [['$1.sys', 0.9]], null, null, 'BAD_POOL_CALLER|7|double-free|$1'],
  ],
  'overrun-utf16 heap triage': [[1, 'double-free', 0.9, [], null, null, 'BAD_POOL_CALLER|7|double-free']],
  'overrun-zeros classic bitmap-kernel': [
    [
      1,
      'pool-overrun',
      1,
      [['$c.sys', 0.75]],
      '$C',
      null,
      'pool-overrun|$C|block:0x401-0x800|at-end|length:9-16|$c.sys',
    ],
  ],
  'overrun-zeros classic triage': [
    [1, 'pool-overrun', 1, [], '$C', null, 'pool-overrun|$C|block:0x401-0x800|at-end|length:9-16'],
  ],
  'overrun-zeros heap bitmap-kernel': [
    [1, 'double-free', 0.9, [['$c.sys', 0.9]], null, null, 'BAD_POOL_CALLER|7|double-free|$c'],
  ],
  'overrun-zeros heap triage': [[1, 'double-free', 0.9, [], null, null, 'BAD_POOL_CALLER|7|double-free']],
  'stack-cookie classic bitmap-kernel': [
    [1, 'not-pool', 0.8, [['$c.sys', 0.6]], null, null, 'DRIVER_OVERRAN_STACK_BUFFER|not-pool|$c'],
  ],
  'stack-cookie classic triage': [
    [1, 'not-pool', 0.8, [], null, null, 'DRIVER_OVERRAN_STACK_BUFFER|not-pool'],
  ],
  'stack-cookie heap bitmap-kernel': [
    [1, 'not-pool', 0.8, [['$1.sys', 0.6]], null, null, 'DRIVER_OVERRAN_STACK_BUFFER|not-pool|$1'],
  ],
  'stack-cookie heap triage': [[1, 'not-pool', 0.8, [], null, null, 'DRIVER_OVERRAN_STACK_BUFFER|not-pool']],
  'underrun-header classic bitmap-kernel': [
    [1, 'pool-underrun', 0.9, [['$1.sys', 0.2]], null, null, 'pool-underrun|before|length:17-32'],
  ],
  'underrun-header classic triage': [
    [1, 'pool-overrun', 0.8, [], '$A', null, 'pool-overrun|$A|block:0x401-0x800|at-end|length:9-16'],
  ],
  'underrun-header heap bitmap-kernel': [
    [1, 'double-free', 0.9, [['$c.sys', 0.9]], null, null, 'BAD_POOL_CALLER|7|double-free|$c'],
  ],
  'underrun-header heap triage': [[1, 'double-free', 0.9, [], null, null, 'BAD_POOL_CALLER|7|double-free']],
  'underrun-index classic bitmap-kernel': [
    [
      1,
      'pool-underrun',
      0.9,
      [['$1.sys', 0.5]],
      null,
      null,
      'pool-underrun|block:0x201-0x400|before|length:9-16|$1.sys',
    ],
  ],
  'underrun-index classic triage': [
    [1, 'pool-underrun', 0.9, [], null, null, 'pool-underrun|block:0x201-0x400|before|length:9-16'],
  ],
  'use-after-free-reused classic bitmap-kernel': [
    [
      1,
      'use-after-free',
      0.8,
      [
        ['$c.sys', 0.75],
        ['$1.sys', 0.2],
      ],
      null,
      null,
      'use-after-free|block:0x41-0x80|at+0x10|length:17-32|$c.sys',
    ],
    [
      1,
      'use-after-free',
      0.8,
      [
        ['$c.sys', 0.75],
        ['$1.sys', 0.2],
      ],
      null,
      '#.#,#,N,*#\r\n$GPGSV,#',
      'use-after-free|block:0x41-0x80|at+0x18|length:65-128|$c.sys',
    ],
    [
      1,
      'use-after-free',
      0.8,
      [
        ['$c.sys', 0.75],
        ['$1.sys', 0.2],
      ],
      null,
      null,
      'use-after-free|block:0x81-0x100|at+0x10|length:17-32|$c.sys',
    ],
    [
      1,
      'use-after-free',
      0.9,
      [
        ['$c.sys', 0.75],
        ['$1.sys', 0.2],
      ],
      null,
      '\\Device\\HarddiskVolume#\\Users\\Pu',
      'use-after-free|block:0x101-0x200|at+0x10|length:129-256|$c.sys',
    ],
    [
      1,
      'use-after-free',
      0.8,
      [
        ['$c.sys', 0.75],
        ['$1.sys', 0.2],
      ],
      null,
      null,
      'use-after-free|block:0x101-0x200|at+0x10|length:257-512|$c.sys',
    ],
  ],
  'use-after-free-reused classic triage': [
    [5, 'unknown', 0, [], null, null, 'SYSTEM_SERVICE_EXCEPTION|c0000005|$1'],
  ],
  'use-after-free-reused heap bitmap-kernel': [
    [5, 'unknown', 0, [], null, null, 'SYSTEM_SERVICE_EXCEPTION|c0000005|$1'],
  ],
  'use-after-free-reused heap triage': [
    [5, 'unknown', 0, [], null, null, 'SYSTEM_SERVICE_EXCEPTION|c0000005|$1'],
  ],
};
