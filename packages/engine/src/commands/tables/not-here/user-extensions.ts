import { type NotHere, near } from './row.ts';

const userMode = 'it is about user mode; open a user-mode dump with a user-mode debugger';

/** Extensions that are about processes in user mode. */
export const userExtensions: readonly NotHere[] = [
  near('!peb !teb', 'blocks of user mode', '!process !thread dps', userMode),
  near('!avrf !htrace', 'checks of programs', 's', userMode),
  near('!critsec !cs', 'critical sections', 'dps', userMode),
  near('!dlls', 'modules of a process', 'lm', userMode),
  near('!exchain', 'handlers of exceptions', 'k', userMode),
  near('!runaway !uniqstack !findstack', 'threads of a process', '!stacks !thread', userMode),
  near('!vprot !vadump !mapped_file', 'memory of a process', '!address !pte', userMode),
  near('!gle !winrterr', 'the last error of a thread', '!error', userMode),
  near('!atom !gatom !igrep', 'atoms and texts', 's', userMode),
  near('!tls !gs', 'memory of a thread', '!thread dps', userMode),
  near('!envvar !homedir !dt', 'surroundings of a process', '!process', userMode),
  near('!cppexr', 'a C++ exception', '.exr', userMode),
  near('!stl !std_map !hstring !hstring2 !mui', 'structures of libraries', 'db', userMode),
  near('!imggp !imgreloc !rebase', 'images of a process', 'lm !dh', userMode),
  near('!asd !dumpfa !findxmldata', 'failure reports', '!analyze', userMode),
  near('!bitcount', 'bits of memory', '.formats', userMode),
  near('!dml_proc', 'processes with links', '!process'),
  near('!swsle !sqmcheck', 'counters', 'dps', userMode),
  near(
    '!clrstack !dumpheap !dumpobj !do !eestack !pe !threads !dumpstack !u',
    'programs in .NET',
    'k',
    userMode,
  ),
  near('!tt !index !positions', 'recordings of a run', 'k', 'a dump is one moment'),
  near('!logexts !logb !logc !logd !loge !logi !logm !logo', 'records of system calls', 'k', userMode),
  near(
    '!checkrpcsym !eeinfo !eerecord !getcallinfo !getclientcallinfo !getdbgcell !getendpointinfo !getthreadinfo !rpcreadstack !rpctime',
    'remote procedure calls',
    '!thread',
    userMode,
  ),
  near(
    '!umdevstack !umdevstacks !umfile !umirp !umirps !wudfdevice !wudfdevicequeues !wudfdownkmirp !wudfdriverinfo !wudfdumpobjects !wudffile !wudffilehandletarget !wudfiotarget !wudfobject !wudfqueue !wudfrefhist !wudfrequest !wudfusbinterface !wudfusbpipe !wudfusbtarget',
    'drivers in user mode',
    '!irp',
    userMode,
  ),
];
