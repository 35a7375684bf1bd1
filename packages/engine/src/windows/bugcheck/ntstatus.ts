/**
 * NTSTATUS values and exception codes that kernel crashes show: code, name, and the meaning in our words.
 * Sources: names from the public ntstatus.h, EH_EXCEPTION_NUMBER from the C++ runtime's ehdata.h.
 */
const table = `
00000000 STATUS_SUCCESS success
00000080 STATUS_ABANDONED_WAIT_0 the mutex waited for was abandoned by its owner
000000c0 STATUS_USER_APC the wait ended for a user-mode procedure call
00000100 STATUS_KERNEL_APC the wait ended for a kernel-mode procedure call
00000101 STATUS_ALERTED the wait ended because the thread was alerted
00000102 STATUS_TIMEOUT the wait ran out of time
00000103 STATUS_PENDING the operation is still under way
00000104 STATUS_REPARSE the name leads elsewhere and has to be parsed again
00000113 STATUS_PAGE_FAULT_GUARD_PAGE page fault on a guard page
00000116 STATUS_CRASH_DUMP a crash dump lies in the page file
00000129 STATUS_PROCESS_CLONED the process is a clone
00010001 DBG_EXCEPTION_HANDLED the debugger handled the exception
00010002 DBG_CONTINUE the debugger lets the program run on
40000000 STATUS_OBJECT_NAME_EXISTS an object of this name is there already
40000003 STATUS_IMAGE_NOT_AT_BASE the image was loaded elsewhere than it prefers
40000005 STATUS_SEGMENT_NOTIFICATION a 16-bit segment was loaded, unloaded or moved
40000009 STATUS_REGISTRY_RECOVERED a registry file was repaired from its log or copy
4000000e STATUS_IMAGE_MACHINE_TYPE_MISMATCH the image is for another machine
4000001c STATUS_WX86_UNSIMULATE x86 emulation ends
4000001e STATUS_WX86_SINGLE_STEP single step in emulated x86 code
4000001f STATUS_WX86_BREAKPOINT breakpoint in emulated x86 code
4000002a STATUS_HIBERNATED the system was hibernated
4000002b STATUS_RESUME_HIBERNATION the system resumed from hibernation
40000294 STATUS_WAKE_SYSTEM the system woke up
40010003 DBG_TERMINATE_THREAD the debugger ends the thread
40010004 DBG_TERMINATE_PROCESS the debugger ends the process
40010005 DBG_CONTROL_C control-C was pressed
40010006 DBG_PRINTEXCEPTION_C debug output in ANSI
40010007 DBG_RIPEXCEPTION system debug error
40010008 DBG_CONTROL_BREAK control-break was pressed
40010009 DBG_COMMAND_EXCEPTION the program sent the debugger a command
4001000a DBG_PRINTEXCEPTION_WIDE_C debug output in Unicode
80000001 STATUS_GUARD_PAGE_VIOLATION a guard page was touched
80000002 STATUS_DATATYPE_MISALIGNMENT access to data at an address it may not have
80000003 STATUS_BREAKPOINT breakpoint or assertion without a debugger
80000004 STATUS_SINGLE_STEP single step or trace trap
80000005 STATUS_BUFFER_OVERFLOW the data was cut to fit the buffer
80000006 STATUS_NO_MORE_FILES no further files
80000007 STATUS_WAKE_SYSTEM_DEBUGGER the system debugger was woken
8000000a STATUS_HANDLES_CLOSED the handles were closed
8000000d STATUS_PARTIAL_COPY only part of the data was copied
8000000f STATUS_DEVICE_POWERED_OFF the device has no power
80000010 STATUS_DEVICE_OFF_LINE the device is off line
80000011 STATUS_DEVICE_BUSY the device is busy
80000016 STATUS_VERIFY_REQUIRED the medium may have changed and must be verified
8000001a STATUS_NO_MORE_ENTRIES no further entries
80000026 STATUS_LONGJUMP a long jump is under way
80000028 STATUS_PLUGPLAY_QUERY_VETOED a driver vetoed the removal or change
80000029 STATUS_UNWIND_CONSOLIDATE unwinding joins several frames
80000288 STATUS_DEVICE_REQUIRES_CLEANING the device needs cleaning
80010001 DBG_EXCEPTION_NOT_HANDLED the debugger did not handle the exception
801c0001 STATUS_FLT_BUFFER_TOO_SMALL the filter manager's buffer is too small
c0000001 STATUS_UNSUCCESSFUL failure without a stated reason
c0000002 STATUS_NOT_IMPLEMENTED the function does not exist
c0000003 STATUS_INVALID_INFO_CLASS unknown class of information
c0000004 STATUS_INFO_LENGTH_MISMATCH the length does not fit the class of information
c0000005 STATUS_ACCESS_VIOLATION invalid memory access
c0000006 STATUS_IN_PAGE_ERROR a page could not be read in
c0000007 STATUS_PAGEFILE_QUOTA the page file quota is used up
c0000008 STATUS_INVALID_HANDLE the handle is not valid
c0000009 STATUS_BAD_INITIAL_STACK a new thread got a bad stack
c000000b STATUS_INVALID_CID the process or thread does not exist
c000000d STATUS_INVALID_PARAMETER an argument is not valid
c000000e STATUS_NO_SUCH_DEVICE the device does not exist
c000000f STATUS_NO_SUCH_FILE the file does not exist
c0000010 STATUS_INVALID_DEVICE_REQUEST the device does not know this request
c0000011 STATUS_END_OF_FILE read past the end of the file
c0000012 STATUS_WRONG_VOLUME the wrong medium is in the drive
c0000013 STATUS_NO_MEDIA_IN_DEVICE the drive is empty
c0000014 STATUS_UNRECOGNIZED_MEDIA the medium has no known format
c0000015 STATUS_NONEXISTENT_SECTOR the sector does not exist
c0000016 STATUS_MORE_PROCESSING_REQUIRED the request is not finished by this step
c0000017 STATUS_NO_MEMORY out of virtual memory or paging space
c0000018 STATUS_CONFLICTING_ADDRESSES the address range is in use
c0000019 STATUS_NOT_MAPPED_VIEW nothing is mapped at the address
c000001a STATUS_UNABLE_TO_FREE_VM the virtual memory cannot be freed
c000001b STATUS_UNABLE_TO_DELETE_SECTION the section cannot be deleted
c000001c STATUS_INVALID_SYSTEM_SERVICE the system service number is not valid
c000001d STATUS_ILLEGAL_INSTRUCTION the processor does not know the instruction
c000001e STATUS_INVALID_LOCK_SEQUENCE a locked instruction is not valid
c000001f STATUS_INVALID_VIEW_SIZE the view does not fit the section
c0000021 STATUS_ALREADY_COMMITTED the memory is committed already
c0000022 STATUS_ACCESS_DENIED the caller has no right to do this
c0000023 STATUS_BUFFER_TOO_SMALL the buffer is too small
c0000024 STATUS_OBJECT_TYPE_MISMATCH the object is of another type
c0000025 STATUS_NONCONTINUABLE_EXCEPTION a handler continued an exception that forbids it
c0000026 STATUS_INVALID_DISPOSITION an exception handler returned nonsense
c0000027 STATUS_UNWIND unwinding is under way
c0000028 STATUS_BAD_STACK the stack is bad or out of its limits
c0000029 STATUS_INVALID_UNWIND_TARGET the target of unwinding is not valid
c000002b STATUS_PARITY_ERROR parity error in memory
c000002c STATUS_UNABLE_TO_DECOMMIT_VM the memory cannot be decommitted
c000002d STATUS_NOT_COMMITTED the memory is not committed
c0000032 STATUS_DISK_CORRUPT_ERROR the file system on the disk is damaged
c0000033 STATUS_OBJECT_NAME_INVALID the object name is not valid
c0000034 STATUS_OBJECT_NAME_NOT_FOUND there is no object of this name
c0000035 STATUS_OBJECT_NAME_COLLISION the object name is taken
c000003a STATUS_OBJECT_PATH_NOT_FOUND the path does not exist
c000003c STATUS_DATA_OVERRUN more data came than expected
c000003d STATUS_DATA_LATE_ERROR the data came too late
c000003e STATUS_DATA_ERROR the data on the medium cannot be read
c000003f STATUS_CRC_ERROR the checksum of the data is wrong
c0000040 STATUS_SECTION_TOO_BIG the section is too large
c0000043 STATUS_SHARING_VIOLATION the file is in use by others
c0000044 STATUS_QUOTA_EXCEEDED the quota is used up
c0000045 STATUS_INVALID_PAGE_PROTECTION the page protection is not valid
c0000046 STATUS_MUTANT_NOT_OWNED a mutex was released by a thread that does not own it
c0000047 STATUS_SEMAPHORE_LIMIT_EXCEEDED a semaphore was released too often
c000004b STATUS_THREAD_IS_TERMINATING the thread is ending
c0000056 STATUS_DELETE_PENDING the file is about to be deleted
c0000059 STATUS_REVISION_MISMATCH the revisions do not fit
c000005f STATUS_NO_SUCH_LOGON_SESSION the logon session does not exist
c0000060 STATUS_NO_SUCH_PRIVILEGE the privilege does not exist
c0000061 STATUS_PRIVILEGE_NOT_HELD the caller lacks a privilege
c000007b STATUS_INVALID_IMAGE_FORMAT the image file is damaged or of another kind
c000007f STATUS_DISK_FULL the disk is full
c000008c STATUS_ARRAY_BOUNDS_EXCEEDED an array index is out of bounds
c000008d STATUS_FLOAT_DENORMAL_OPERAND floating point: operand too small
c000008e STATUS_FLOAT_DIVIDE_BY_ZERO floating point: division by zero
c000008f STATUS_FLOAT_INEXACT_RESULT floating point: inexact result
c0000090 STATUS_FLOAT_INVALID_OPERATION floating point: invalid operation
c0000091 STATUS_FLOAT_OVERFLOW floating point: result too large
c0000092 STATUS_FLOAT_STACK_CHECK floating point: register stack overflow or underflow
c0000093 STATUS_FLOAT_UNDERFLOW floating point: result too small
c0000094 STATUS_INTEGER_DIVIDE_BY_ZERO integer division by zero
c0000095 STATUS_INTEGER_OVERFLOW integer result too large
c0000096 STATUS_PRIVILEGED_INSTRUCTION the instruction is not allowed in this processor mode
c0000097 STATUS_TOO_MANY_PAGING_FILES there are too many page files
c0000098 STATUS_FILE_INVALID the volume of the open file was changed from outside
c000009a STATUS_INSUFFICIENT_RESOURCES not enough pool or other resources
c000009b STATUS_DFS_EXIT_PATH_FOUND the path leaves the distributed file system
c000009c STATUS_DEVICE_DATA_ERROR bad blocks or another error in the data of the device
c000009d STATUS_DEVICE_NOT_CONNECTED the device is not connected
c000009e STATUS_DEVICE_POWER_FAILURE the device lost its power
c00000a0 STATUS_MEMORY_NOT_ALLOCATED the address is not the base of an allocation
c00000a2 STATUS_MEDIA_WRITE_PROTECTED the medium is write-protected
c00000a3 STATUS_DEVICE_NOT_READY the device is not ready
c00000a5 STATUS_BAD_IMPERSONATION_LEVEL the impersonation level is too low
c00000b5 STATUS_IO_TIMEOUT the I/O ran out of time
c00000ba STATUS_FILE_IS_A_DIRECTORY the file is a directory
c00000bb STATUS_NOT_SUPPORTED the request is not supported
c00000be STATUS_BAD_NETWORK_PATH the network path cannot be found
c00000bf STATUS_NETWORK_BUSY the network is busy
c00000c0 STATUS_DEVICE_DOES_NOT_EXIST the device is gone
c00000c2 STATUS_ADAPTER_HARDWARE_ERROR the network adapter failed
c00000c4 STATUS_UNEXPECTED_NETWORK_ERROR unexpected network error
c00000cb STATUS_BAD_DEVICE_TYPE wrong type of device
c00000d2 STATUS_NET_WRITE_FAULT writing over the network failed
c00000e5 STATUS_INTERNAL_ERROR internal error
c00000e9 STATUS_UNEXPECTED_IO_ERROR a device answered with an unexpected error
c00000ea STATUS_UNEXPECTED_MM_CREATE_ERR creating a section failed for the file system
c00000eb STATUS_UNEXPECTED_MM_MAP_ERROR mapping a view failed for the file system
c00000ec STATUS_UNEXPECTED_MM_EXTEND_ERR extending a section failed for the file system
c00000fd STATUS_STACK_OVERFLOW the stack has no room left
c0000102 STATUS_FILE_CORRUPT_ERROR the file or directory is damaged
c0000106 STATUS_NAME_TOO_LONG the name is too long
c000010a STATUS_PROCESS_IS_TERMINATING the process is ending
c000010e STATUS_IMAGE_ALREADY_LOADED the image is loaded already
c0000120 STATUS_CANCELLED the request was cancelled
c000012a STATUS_THREAD_NOT_IN_PROCESS the thread belongs to another process
c000012d STATUS_COMMITMENT_LIMIT the commit limit is reached
c0000130 STATUS_INVALID_IMAGE_PROTECT the image has no valid DOS header
c0000135 STATUS_DLL_NOT_FOUND a DLL is missing
c0000136 STATUS_OPEN_FAILED opening failed
c0000137 STATUS_IO_PRIVILEGE_FAILED the I/O privilege could not be changed
c0000138 STATUS_ORDINAL_NOT_FOUND a DLL lacks an export by number
c0000139 STATUS_ENTRYPOINT_NOT_FOUND a DLL lacks an export by name
c000013a STATUS_CONTROL_C_EXIT ended by control-C
c000013b STATUS_LOCAL_DISCONNECT this side closed the connection
c0000141 STATUS_INVALID_ADDRESS the address handle is not valid
c0000142 STATUS_DLL_INIT_FAILED a DLL could not initialise
c0000144 STATUS_UNHANDLED_EXCEPTION nobody handled an exception
c0000145 STATUS_APP_INIT_FAILURE a program could not initialise
c0000146 STATUS_PAGEFILE_CREATE_FAILED the page file could not be created
c0000147 STATUS_NO_PAGEFILE there is no page file
c000014a STATUS_ILLEGAL_FLOAT_CONTEXT floating point without support for it
c000014b STATUS_PIPE_BROKEN the other side closed the pipe
c000014c STATUS_REGISTRY_CORRUPT the registry is damaged
c000014d STATUS_REGISTRY_IO_FAILED reading or writing the registry failed
c000014f STATUS_UNRECOGNIZED_VOLUME the volume has no known file system
c000015c STATUS_NOT_REGISTRY_FILE the file is not a registry file
c000015f STATUS_FT_MISSING_MEMBER a member of a fault-tolerant volume is missing
c000016a STATUS_DISK_OPERATION_FAILED the disk failed even after retries
c000017a STATUS_NO_SUCH_MEMBER the member does not exist
c000017c STATUS_KEY_DELETED the registry key is marked for deletion
c0000182 STATUS_DEVICE_CONFIGURATION_ERROR the device is set up wrongly
c0000184 STATUS_INVALID_DEVICE_STATE the device is not in a state for this request
c0000185 STATUS_IO_DEVICE_ERROR the device reported an I/O error
c0000186 STATUS_DEVICE_PROTOCOL_ERROR the driver and its device disagree
c0000189 STATUS_TOO_LATE it is too late for this, as after shutdown began
c0000194 STATUS_POSSIBLE_DEADLOCK a lock could not be had in time: possible deadlock
c000019c STATUS_FS_DRIVER_REQUIRED the volume needs its file system driver
c0000205 STATUS_INSUFF_SERVER_RESOURCES the server lacks resources
c000020f STATUS_TRANSACTION_ABORTED the transaction was aborted
c0000218 STATUS_CANNOT_LOAD_REGISTRY_FILE a registry hive cannot be loaded
c000021a STATUS_SYSTEM_PROCESS_TERMINATED a critical system process ended
c000021e STATUS_DRIVER_CANCEL_TIMEOUT a driver did not finish a cancelled request in time
c0000221 STATUS_IMAGE_CHECKSUM_MISMATCH the image file's checksum is wrong
c0000222 STATUS_LOST_WRITEBEHIND_DATA delayed writing lost data
c0000225 STATUS_NOT_FOUND not found
c0000229 STATUS_FAIL_CHECK a check failed
c000022d STATUS_RETRY the request has to be tried again
c0000240 STATUS_REQUEST_ABORTED the request was aborted
c0000249 STATUS_IMAGE_MP_UP_MISMATCH the image is for another number of processors
c0000256 STATUS_REGISTRY_QUOTA_LIMIT the registry has reached its size limit
c0000258 STATUS_NO_CALLBACK_ACTIVE a callback returned that was not running
c000025e STATUS_PLUGPLAY_NO_DEVICE the device is gone, disabled or not configured
c0000262 STATUS_DRIVER_ORDINAL_NOT_FOUND a driver needs a missing export by number
c0000263 STATUS_DRIVER_ENTRYPOINT_NOT_FOUND a driver needs a missing export by name
c000026c STATUS_DRIVER_UNABLE_TO_LOAD a driver could not be loaded
c000026e STATUS_VOLUME_DISMOUNTED the volume was dismounted
c00002b4 STATUS_FLOAT_MULTIPLE_FAULTS floating point: several faults
c00002b5 STATUS_FLOAT_MULTIPLE_TRAPS floating point: several traps
c00002b6 STATUS_DEVICE_REMOVED the device was removed
c00002c2 STATUS_DRIVER_FAILED_SLEEP a driver does not support sleep
c00002c5 STATUS_DATATYPE_MISALIGNMENT_ERROR misaligned access that could not be repaired
c00002c9 STATUS_REG_NAT_CONSUMPTION use of a register without a value
c00002d1 STATUS_SYSTEM_IMAGE_BAD_SIGNATURE a system image is not signed properly
c00002d3 STATUS_POWER_STATE_INVALID the power state does not allow this
c00002de STATUS_INSUFFICIENT_POWER there is not enough power
c00002e8 STATUS_MULTIPLE_FAULT_VIOLATION several faults at once
c0000351 STATUS_UNSUPPORTED_PREAUTH kind of authentication not supported
c0000365 STATUS_FAILED_DRIVER_ENTRY a driver failed to initialise
c0000366 STATUS_DEVICE_ENUMERATION_ERROR the device could not be enumerated
c000036a STATUS_MCA_OCCURED machine check
c000036b STATUS_DRIVER_BLOCKED_CRITICAL a driver that the system needs is blocked
c000036c STATUS_DRIVER_BLOCKED the driver is blocked from loading
c000036d STATUS_DRIVER_DATABASE_ERROR the database of blocked drivers failed
c000036e STATUS_SYSTEM_HIVE_TOO_LARGE the system hive is too large
c0000374 STATUS_HEAP_CORRUPTION a heap is damaged
c000038e STATUS_DRIVER_FAILED_PRIOR_UNLOAD an earlier copy of the driver is still in memory
c0000409 STATUS_STACK_BUFFER_OVERRUN a stack buffer was overrun, or another fail-fast check
c0000415 STATUS_HUNG_DISPLAY_DRIVER_THREAD the display driver hangs
c0000417 STATUS_INVALID_CRUNTIME_PARAMETER invalid argument to a C runtime function
c000041d STATUS_FATAL_USER_CALLBACK_EXCEPTION exception in a callback from the kernel to user mode
c0000420 STATUS_ASSERTION_FAILURE an assertion failed
c0000421 STATUS_VERIFIER_STOP Application Verifier stopped the program
c0000423 STATUS_CALLBACK_POP_STACK an exception was thrown out of a callback
c0000428 STATUS_INVALID_IMAGE_HASH the signature of an image could not be verified
c0000433 STATUS_ENCOUNTERED_WRITE_IN_PROGRESS a write was met while it was under way
c0000452 STATUS_SYSTEM_DEVICE_NOT_FOUND the system device is missing
c0000602 STATUS_FAIL_FAST_EXCEPTION fail-fast, no handler is asked
c0000603 STATUS_IMAGE_CERT_REVOKED the certificate of an image was revoked
c0000709 STATUS_HARDWARE_MEMORY_ERROR the hardware reported an uncorrectable memory error
c0000806 STATUS_VOLUME_DIRTY the volume must be checked first
c000a000 STATUS_INVALID_SIGNATURE the signature is not valid
c0140001 STATUS_ACPI_INVALID_OPCODE the ACPI machine language has an unknown opcode
c0140002 STATUS_ACPI_STACK_OVERFLOW stack overflow in the ACPI machine language
c0140003 STATUS_ACPI_ASSERT_FAILED an assertion failed in the ACPI driver
c0140006 STATUS_ACPI_FATAL the ACPI machine language reported a fatal error
c015000f STATUS_SXS_EARLY_DEACTIVATION an activation context was left too early
e06d7363 EH_EXCEPTION_NUMBER exception thrown by Microsoft C++ code
`;

/** A status code of Windows: its name, and what it means in our words. */
export interface NtStatus {
  readonly name: string;
  /** A short phrase in lower case, without a full stop. */
  readonly meaning: string;
}

/** Code and description, in the order of the table. */
export const knownStatuses: readonly (readonly [code: number, status: NtStatus])[] = table
  .trim()
  .split('\n')
  .map((line) => {
    const [code = '', name = '', ...meaning] = line.split(' ');
    return [Number.parseInt(code, 16), { name, meaning: meaning.join(' ') }] as const;
  });

const statuses: ReadonlyMap<number, NtStatus> = new Map(knownStatuses);

/** Symbolic name of a status or exception code, given signed or unsigned. */
export const ntStatusName = (status: number): string | undefined => statuses.get(status >>> 0)?.name;

/** Name and meaning of a status or exception code, given signed or unsigned. */
export const describeNtStatus = (status: number): NtStatus | undefined => statuses.get(status >>> 0);
