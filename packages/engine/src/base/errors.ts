/** Errors of the caller or of the file: one code each, with a remedy that is the same in every front end. */
const remedies = {
  FILE_UNREADABLE: 'Check the path and its permissions.',
  FILE_IS_DIRECTORY: 'Name a dump file, not a directory.',
  FILE_EMPTY: 'The copy is incomplete: copy the dump again.',
  DUMP_BAD_SIGNATURE: 'Give a Windows kernel dump: MEMORY.DMP, or a file from C:\\Windows\\Minidump.',
  DUMP_ALL_ZERO: 'The dump was never written or its copy failed: copy it again, or look for another one.',
  DUMP_USER_MINIDUMP: 'This is a user-mode minidump (MDMP); open it with a user-mode debugger.',
  DUMP_TRUNCATED_HEADER: 'The copy is incomplete: copy the dump again.',
  DUMP_UNSUPPORTED_TYPE: 'Write a complete, kernel, automatic, active or small memory dump.',
  DUMP_UNSUPPORTED_MACHINE: 'poolscope reads x64, x86 and arm64 dumps.',
  DUMP_ENCRYPTED:
    'Decrypt it first, with KernelDumpDecrypt.exe of the Debugging Tools for Windows and your key.',
  DUMP_BAD_BODY: 'The file is damaged or incomplete: copy the dump again.',
  ARCHIVE_NO_DUMP: 'Give an archive that holds one kernel dump.',
  ARCHIVE_MANY_DUMPS:
    'Unpack the archive and open one of them, or give it to poolscope triage, which takes all.',
  ARCHIVE_DAMAGED: 'The archive is damaged or incomplete: copy it again.',
  ARCHIVE_TOO_LARGE: 'Unpack the archive first and open the dump itself.',
  ARCHIVE_UNSUPPORTED: 'Unpack the archive with its own program and open the dump itself.',
  COMMAND_UNKNOWN: 'Type .help for the list of commands.',
  COMMAND_NOT_HERE: 'Type .help for the list of commands.',
  COMMAND_USAGE: 'Type .help COMMAND for its arguments.',
  EXPRESSION_SYNTAX: 'Numbers are hexadecimal unless 0n, 0t or 0y stands before them.',
  NAME_UNKNOWN:
    'Registers and symbols are looked up by their whole names; a word of hexadecimal digits is a number.',
  REGISTER_UNKNOWN: 'r shows the registers that are known here; .cxr goes back to those of the crash.',
  MEMORY_UNREADABLE: 'These bytes are not in the dump; a complete or kernel dump may hold them.',
  NO_SUCH_RECORD: 'The bytes at this address are there but make no such record: check the address.',
  NO_EXCEPTION_CONTEXT: 'k names the trap frames on the stack, and .trap ADDR uses one of them.',
  VERIFIER_OFF: 'Set Driver Verifier with verifier /flags 0x9 /driver NAME.sys, and let it crash again.',
  NO_SUCH_OBJECT: 'List what there is: !process 0 0, !object \\, lm.',
  ADDRESS_NOT_MAPPED: 'Nothing is mapped there: check the address, or whose address space it belongs to.',
  RANGE_TOO_LARGE: 'Ask for a shorter range.',
  NOT_IN_TRIAGE_DUMP:
    'A small memory dump holds no page tables or physical memory; collect a kernel or complete dump.',
  HOST_LACKS: 'Run poolscope debug in a terminal, which has files.',
  SCRIPT_SYNTAX: 'Check the braces, parentheses and quotes of the script.',
  SCRIPT_TOO_LONG: 'Shorten what the aliases stand for; al lists them.',
  SCRIPT_TOO_DEEP: 'Scripts and blocks nest too deeply: look for one that runs itself.',
  PDB_UNREADABLE: 'Fetch the file again, or do without it: names then come from export tables.',
  SYMBOLS_UNREADABLE: 'Fetch the file again, or give symbols in another form: PDB, ISF or a packed profile.',
  SYMBOLS_NEEDED: 'Give symbols of the kernel: its PDB, an ISF file or a packed profile.',
  TYPES_UNKNOWN: 'The layout of this structure is not known for this build of Windows; give symbols.',
  MODULE_UNKNOWN: 'lm lists the modules that this dump knows of.',
  IMAGE_UNUSABLE: 'Give the file of a Windows driver, program or library: .sys, .exe or .dll.',
  IMAGE_MISMATCH: 'Give the very file that was loaded: lmvm shows the time stamp and size that it has.',
  INTERRUPTED: 'Run it again.',
  LAB_OPTIONS: 'Choose options of the lab that fit together.',
} as const;

/** What is wrong, for programs: each code has a remedy of its own. */
export type ErrorCode = keyof typeof remedies;

/** An error worth showing to the user: what is wrong, and what to do about it. */
export class DebuggerError extends Error {
  override readonly name = 'DebuggerError';
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; data?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = remedies[code];
    this.data = options.data ?? {};
  }
}

/** A broken rule of our own: a bug in poolscope, never in the dump. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal: ${message}`);
}
