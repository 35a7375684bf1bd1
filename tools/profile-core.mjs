/**
 * The structures that the lab's machines are made of: `seriesParts` divides a series into those and the rest, so that a page
 * which plays machines need not load the rest. What lies inside one of them goes with it.
 */
export const coreRoots = new Set(
  `
_DEVICE_NODE _DEVICE_OBJECT _DEVOBJ_EXTENSION _DRIVER_EXTENSION _DRIVER_OBJECT _EPROCESS _ETHREAD _EX_HEAP_POOL_NODE
_EX_POOL_HEAP_MANAGER_STATE _FILE_OBJECT _GENERAL_LOOKASIDE_POOL _HANDLE_TABLE _HEAP_LARGE_ALLOC_DATA
_HEAP_LFH_AFFINITY_SLOT _HEAP_LFH_BUCKET _HEAP_LFH_CONTEXT _HEAP_LFH_ONDEMAND_POINTER _HEAP_LFH_SUBSEGMENT
_HEAP_LFH_SUBSEGMENT_OWNER _HEAP_PAGE_RANGE_DESCRIPTOR _HEAP_PAGE_SEGMENT _HEAP_SEGMENT_MGR_COMMIT_STATE
_HEAP_SEG_CONTEXT _HEAP_VS_CHUNK_FREE_HEADER _HEAP_VS_CHUNK_HEADER _HEAP_VS_CONTEXT _HEAP_VS_DELAY_FREE_CONTEXT
_HEAP_VS_SUBSEGMENT _IOV_FORCED_PENDING_TRACE _IOV_IRP_TRACE _IO_STACK_LOCATION _IRP _KEVENT _KMUTANT _KPCR _KPRCB
_KPROCESS _KQUEUE _KSEMAPHORE _KSPECIAL_REGISTERS _KTHREAD _KTIMER _KTRAP_FRAME _KWAIT_BLOCK _MDL _MI_SPECIAL_POOL
_MI_SYSTEM_INFORMATION _MI_SYSTEM_VA_ASSIGNMENT _MI_VISIBLE_STATE _MMPFN _MMPTE_LIST _MM_DRIVER_VERIFIER_DATA
_MM_SESSION_SPACE _OBJECT_DIRECTORY _OBJECT_DIRECTORY_ENTRY _OBJECT_HEADER _OBJECT_HEADER_NAME_INFO
_OBJECT_SYMBOLIC_LINK _OBJECT_TYPE _PHYSICAL_MEMORY_DESCRIPTOR _POOL_DESCRIPTOR _POOL_TRACKER_BIG_PAGES
_POOL_TRACKER_TABLE _RTLP_HP_ALLOC_TRACKER _RTLP_HP_HEAP_GLOBALS _RTLP_HP_HEAP_MANAGER _RTLP_HP_METADATA_HEAP_CTX
_RTL_BALANCED_NODE _RTL_CSPARSE_BITMAP _RTL_DYNAMIC_LOOKASIDE _RTL_HP_LFH_CONFIG _RTL_LOOKASIDE _RTL_RB_TREE
_SEGMENT_HEAP _SLIST_HEADER _VF_AVL_TABLE _VF_AVL_TREE _VF_KE_CRITICAL_REGION_TRACE _VF_POOL_TRACE
_VF_SUSPECT_DRIVER_ENTRY _VF_TARGET_DRIVER _VF_TARGET_VERIFIED_DRIVER_DATA _VF_WATCHDOG_IRP _VI_FAULT_TRACE
_VI_POOL_ENTRY _VI_POOL_ENTRY_INUSE _VI_POOL_PAGE_HEADER _VI_TRACK_IRQL
`
    .trim()
    .split(/\s+/),
);

/**
 * Two texts that are the series together: the core, and the rest.
 * @param {string} text as `seriesText` gives it
 * @param {ReadonlySet<string>} core
 */
export function seriesParts(text, core) {
  const parts = { core: '', rest: '' };
  /** @type {'core' | 'rest'} */
  let part = 'rest';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (!line.startsWith(' ')) part = core.has(line.slice(0, line.indexOf(' '))) ? 'core' : 'rest';
    parts[part] += `${line}\n`;
  }
  return parts;
}

/**
 * The roots and all structures that lie in them, by any of the texts.
 * @param {readonly string[]} texts
 */
export function coreNames(texts) {
  const inside = innerTypes(texts);
  /** @type {Set<string>} */
  const names = new Set();
  const queue = [...coreRoots];
  for (const name of queue) {
    if (names.has(name)) continue;
    names.add(name);
    queue.push(...(inside.get(name) ?? []));
  }
  return names;
}

/**
 * Types that members have by value, by the name of their structure.
 * @param {readonly string[]} texts
 */
function innerTypes(texts) {
  /** @type {Map<string, Set<string>>} */
  const inner = new Map();
  let types = new Set();
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    const [first = '', , type = ''] = line.split(' ');
    if (first !== '') {
      types = inner.get(first) ?? new Set();
      inner.set(first, types);
    } else if (type !== '' && !type.startsWith('*')) types.add(type.replace(/[[:].*$/, ''));
  }
  return inner;
}
