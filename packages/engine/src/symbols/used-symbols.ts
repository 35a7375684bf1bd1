/**
 * Names that the engine looks up in the kernel, for packed profiles: what proves that a table is the right one, where
 * pools, page tables, verifier and objects keep their state, and where crashes are reported. Patterns of whole names.
 */
const used = [
  'Ke(BugCheck\\w*|Num\\w*|Tick\\w*|System\\w*|Time\\w*|Query\\w*|LoaderBlock|UserCallbackDispatcher|BugCheckCallbackListHead|EntryPoint\\w*)',
  'Ki(BugCheck\\w*|\\w*(Interrupt|Trap|Fault|Exception|Dispatch)\\w*|ProcessorBlock|SystemCall64\\w*|SystemService\\w*|InitialThread|InitialProcess|CallUserMode|NormalSystemCall|Idle\\w*|SwapContext|StartUserThread\\w*|WaitNever|WaitAlways|CyclesPerClockQuantum|PageFault|ProcessorIndexToNumberMappingTable)',
  'Kd\\w{0,40}',
  'Kv[ap]\\w*|HvlpReferenceTscPage|HvlEnlightenments',
  'Mm\\w*',
  'Mi(State|Flags|SystemVaType|Get\\w*|Check\\w*|Special\\w*|Verif\\w*|Visible\\w*|Nonpaged\\w*|NonPaged\\w*|Paged\\w*|Pte\\w*)',
  'Ps(LoadedModule\\w*|Active\\w*|Initial\\w*|Idle\\w*|Nt\\w*|Get\\w*|Process\\w*|Thread\\w*)',
  'Psp(CidTable|Idle\\w*|System\\w*)',
  'Ob(p\\w*Type\\w*|Header\\w*|TypeIndexTable|p(Root|Symbolic|Kernel)\\w*|p?InfoMask\\w*)',
  'Io(p\\w*List\\w*|Driver\\w*|Device\\w*|File\\w*)|IopNumTriageDumpDataBlocks|IopTriageDumpDataBlocks',
  'Ex(Alloc\\w*|Free\\w*|Pool\\w*|Default\\w*|p\\w*Pool\\w*|Node\\w*|pPool\\w*|pSpecial\\w*|pHeap\\w*|pSystemResourcesList|Systemeria\\w*|pNumberOf\\w*|pHp\\w*)',
  '\\w*Pool(Vector|TrackTable\\w*|BigPageTable\\w*|HitTag|Descriptor\\w*|State|Node\\w*|Lookaside\\w*|Quota\\w*)',
  'RtlpHp\\w*|RtlpLfh\\w*|RtlpGlobal\\w*|RtlCSDVersion|ExpPoolQuotaCookie|HvlpFlags',
  'Vf\\w*|Vi\\w*|Verifier\\w*|Viver\\w*|ViKe\\w*',
  'NtBuild\\w*|NtGlobalFlag\\w*|NtVersion\\w*|CmNtCSDVersion|CmNtSpBuildNumber|BuildLab\\w*|NtSystemRoot',
  'SharedUserData|KUSER_SHARED_DATA|SeSystem\\w*|CcMasterSpinLock|PoolTrackTable|DbgBreakPoint\\w*|DbgPrint\\w*',
].map((pattern) => `(?:${pattern})`);

const pattern = new RegExp(`^(?:${used.join('|')})$`);

/** Does the engine look for this name? */
export const isUsedSymbol = (name: string): boolean => pattern.test(name);
