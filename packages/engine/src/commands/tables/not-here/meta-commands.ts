import { instead, type NotHere, near } from './row.ts';

const still = 'a dump does not run';
const readOnly = 'dumps are only read';
const none = 'there is nothing of that kind here';
const sources = 'source files are not used';
const extensions = 'there are no extensions to load: what is here is in .help';
const remote = 'this console serves one user; poolscope debug FILE in another terminal opens the dump again';
const screen = 'the terminal does that';

/** Commands that begin with a dot. */
export const metaCommands: readonly NotHere[] = [
  instead('.abandon .attach .detach .create .createdir .childdbg .kill .tlist', 'processes to debug', still),
  instead('.restart .reboot .crash .breakin .wake .sleep', 'stops or starts a target', still),
  instead('.allow_exec_cmds .allow_image_mapping', 'switches of the debugger', none),
  near('.asm', 'options of disassembly', 'u'),
  instead('.apply_dbp', 'data breakpoint in a context', still),
  instead(
    '.bpcmds .bpsync .flash_on_break .step_filter .force_tb .record_branches',
    'breakpoints and steps',
    still,
  ),
  instead('.beep .sound_notify .cls .wtitle .suspend_ui .scroll_prefs', 'screen and sounds', screen),
  near('.browse .dml_flow .dml_start .prefer_dml', 'links in the window', '.help uf'),
  instead('.cache', 'size of the memory cache', 'it takes care of itself'),
  instead('.call', 'calls a function', still),
  instead('.chain .extmatch .extpath .load .loadby .setdll .unload .unloadall', 'extensions', extensions),
  instead(
    '.clients .server .servers .remote .remote_exit .endsrv .endpsrv .rrestart .urestart',
    'remote use',
    remote,
  ),
  instead('.closehandle', 'closes a handle', still),
  near('.context', 'whose user addresses', '.process'),
  near('.copysym .symopt .netsyms .symopt+ .symopt-', 'symbol files', '.sympath .reload'),
  near('.srcpath+ .exepath+', 'where files are looked for', '.sympath'),
  near('.show_sym_failures .srcnoisy .netuse', 'finding of symbols', '.reload !sym'),
  instead('.cordll', 'debugging of .NET', none),
  instead('.dbgdbg', 'debugs the debugger', none),
  instead('.dump .dumpcab', 'writes a dump', 'copy the dump file itself'),
  instead('.dvalloc .dvfree .readmem', 'changes memory', readOnly),
  instead('.writemem', 'writes memory to a file', '.logopen and db keep what is shown'),
  near('.echocpunum', 'processor in the prompt', '~'),
  near('.echotime .echotimestamps', 'prints the time', '.time'),
  instead(
    '.enable_long_status .force_radix_output .enable_unicode .locale .typeopt',
    'how values are shown',
    none,
  ),
  near('.event_code .eventlog', 'recent events', '.lastevent .bugcheck'),
  instead('.exdicmd .kdtargetmac', 'hardware debuggers', still),
  instead('.exepath .fiximports', 'image files', 'images are read from the dump'),
  instead('.expr', 'chooses C++ expressions', 'expressions are MASM expressions here; @@() is not read'),
  near('.exptr', 'exception pointers', '.exr .cxr'),
  near('.excr', 'registers of the exception', '.ecxr .cxr'),
  instead('.fiber', 'a fiber', none),
  near('.fnent', 'unwind data of a function', 'uf ub', 'uf shows the function'),
  instead('.fnret', 'a value that was returned', still),
  near('.fpo', 'frames without frame pointer', 'k'),
  near('.hh', 'opens the help', '.help'),
  instead('.hideinjectedcode .holdmem .inline .jdinfo .noversion', 'switches of the debugger', none),
  instead('.idle_cmd .pcmd .prompt_allow', 'what comes with the prompt', 'write it on the line'),
  near(
    '.ignore_missing_pages .show_read_failures',
    'errors of missing memory',
    'why',
    'missing bytes are shown as ??',
  ),
  near('.imgscan', 'looks for images', 'lm !dh'),
  instead('.kdfiles', 'replaces drivers', still),
  near('.kframes', 'length of stacks', 'k', 'give k a count'),
  instead(
    '.noshell .secure .quit_lock .shell',
    'shell of the machine',
    'no program can be started from here',
  ),
  instead('.nvload .nvlist .nvunload .nvunloadall .settings', 'the data model', none),
  instead(
    '.scriptdebug .scriptlist .scriptload .scriptproviders .scriptrun .scriptunload',
    'scripts in JavaScript',
    "use the library: import * as engine from '@poolscope/engine'; explain shows how",
  ),
  instead('.ocommand .ofilter .outmask', 'output of the target', still),
  instead('.open .lsrcpath .lsrcfix .srcfix .srcpath', 'source files', sources),
  instead('.opendump', 'opens a dump', 'leave with q and open the other one'),
  instead('.pagein', 'reads a page in', 'what is not in the dump cannot be had'),
  instead('.pop .push', 'keeps state', '.cxr goes back to the registers of the crash'),
  instead('.send_file', 'sends a file', none),
  instead('.tss', 'a task state segment', 'r and dd show what is there'),
  near('.ttime', 'times of a thread', '!thread .time'),
  instead('.write_cmd_hist', 'writes what was typed', '.logopen keeps it'),
];
