/** IRP_MJ_XXX by its number. Source: wdm.h. */
export const majorFunctionNames: readonly string[] = [
  ...['CREATE', 'CREATE_NAMED_PIPE', 'CLOSE', 'READ', 'WRITE', 'QUERY_INFORMATION', 'SET_INFORMATION'],
  ...['QUERY_EA', 'SET_EA', 'FLUSH_BUFFERS', 'QUERY_VOLUME_INFORMATION', 'SET_VOLUME_INFORMATION'],
  ...['DIRECTORY_CONTROL', 'FILE_SYSTEM_CONTROL', 'DEVICE_CONTROL', 'INTERNAL_DEVICE_CONTROL', 'SHUTDOWN'],
  ...['LOCK_CONTROL', 'CLEANUP', 'CREATE_MAILSLOT', 'QUERY_SECURITY', 'SET_SECURITY', 'POWER'],
  ...['SYSTEM_CONTROL', 'DEVICE_CHANGE', 'QUERY_QUOTA', 'SET_QUOTA', 'PNP'],
].map((name) => `IRP_MJ_${name}`);

const directoryControl = 0x0c;
const fileSystemControl = 0x0d;
const lockControl = 0x11;
const power = 0x16;
const systemControl = 0x17;
const pnp = 0x1b;

/** IRP_MN_XXX by major function, without the prefix; undefined where a number has no meaning. Source: wdm.h, ntifs.h. */
const minorFunctions: Readonly<Record<number, readonly (string | undefined)[]>> = {
  [directoryControl]: [undefined, 'QUERY_DIRECTORY', 'NOTIFY_CHANGE_DIRECTORY', 'NOTIFY_CHANGE_DIRECTORY_EX'],
  [fileSystemControl]: [undefined, 'MOUNT_VOLUME', 'VERIFY_VOLUME', 'LOAD_FILE_SYSTEM', 'KERNEL_CALL'],
  [lockControl]: [undefined, 'LOCK', 'UNLOCK_SINGLE', 'UNLOCK_ALL', 'UNLOCK_ALL_BY_KEY'],
  [power]: ['WAIT_WAKE', 'POWER_SEQUENCE', 'SET_POWER', 'QUERY_POWER'],
  [systemControl]: [
    ...['QUERY_ALL_DATA', 'QUERY_SINGLE_INSTANCE', 'CHANGE_SINGLE_INSTANCE', 'CHANGE_SINGLE_ITEM'],
    ...['ENABLE_EVENTS', 'DISABLE_EVENTS', 'ENABLE_COLLECTION', 'DISABLE_COLLECTION', 'REGINFO'],
    ...['EXECUTE_METHOD', undefined, 'REGINFO_EX'],
  ],
  [pnp]: [
    ...['START_DEVICE', 'QUERY_REMOVE_DEVICE', 'REMOVE_DEVICE', 'CANCEL_REMOVE_DEVICE', 'STOP_DEVICE'],
    ...['QUERY_STOP_DEVICE', 'CANCEL_STOP_DEVICE', 'QUERY_DEVICE_RELATIONS', 'QUERY_INTERFACE'],
    ...['QUERY_CAPABILITIES', 'QUERY_RESOURCES', 'QUERY_RESOURCE_REQUIREMENTS', 'QUERY_DEVICE_TEXT'],
    ...['FILTER_RESOURCE_REQUIREMENTS', undefined, 'READ_CONFIG', 'WRITE_CONFIG', 'EJECT', 'SET_LOCK'],
    ...['QUERY_ID', 'QUERY_PNP_DEVICE_STATE', 'QUERY_BUS_INFORMATION', 'DEVICE_USAGE_NOTIFICATION'],
    ...['SURPRISE_REMOVAL', 'QUERY_LEGACY_BUS_INFORMATION', 'DEVICE_ENUMERATED'],
  ],
};

/** `IRP_MN_START_DEVICE`; undefined where the number has no name. */
export function minorFunctionName(major: number, minor: number): string | undefined {
  const name = minorFunctions[major]?.[minor];
  return name === undefined ? undefined : `IRP_MN_${name}`;
}

/** IO_STACK_LOCATION.Control. Source: wdm.h, SL_XXX. */
export const stackControl = {
  pendingReturned: 0x01,
  onCancel: 0x20,
  onSuccess: 0x40,
  onError: 0x80,
} as const;
