import { driverInterface, fixed, type SharedStructure } from './driver-interface.ts';
import { Series, type SeriesText } from './series.ts';

/**
 * Objects, drivers, devices and IRPs of 32-bit Windows, XP to 10. Source: wdm.h; private members and structures of the
 * object manager: PDB types of 2600, 6002, 7601, 9200, 9600, 10240, 17763 and 19041, all the same but for what is said
 * here. The object header has been in this form since Windows 7.
 */
const x86Objects: SeriesText = {
  builds: ['2600', '6002', '7600', '9200', '10240', '17763', '19041'],
  structures: `
_OBJECT_HEADER 7600:20
 PointerCount i32 7600:0
 HandleCount i32 7600:4
 NextToFree *void 7600:4
 TypeIndex u8 7600:c
 TraceFlags u8 7600:d
 InfoMask u8 7600:e
 Flags u8 7600:f
 ObjectCreateInfo *void 7600:10
 SecurityDescriptor *void 7600:14
 Body _QUAD 7600:18
_OBJECT_HEADER_CREATOR_INFO 7600:10
_OBJECT_HEADER_NAME_INFO 7600:10
 Directory *_OBJECT_DIRECTORY 7600:0
 Name _UNICODE_STRING 7600:4
 ReferenceCount i32 7600:c
_OBJECT_TYPE 7600:88 9200:90
 TypeList _LIST_ENTRY 7600:0
 Name _UNICODE_STRING 7600:8
 DefaultObject *void 7600:10
 Index u8 7600:14
 TotalNumberOfObjects u32 7600:18
 TotalNumberOfHandles u32 7600:1c
_OBJECT_DIRECTORY 7600:a8 10240:ac 17763:b0
 HashBuckets *_OBJECT_DIRECTORY_ENTRY[37] 7600:0
_OBJECT_DIRECTORY_ENTRY 7600:c
 ChainLink *_OBJECT_DIRECTORY_ENTRY 7600:0
 Object *void 7600:4
 HashValue u32 7600:8
_OBJECT_SYMBOLIC_LINK 7600:18 17763:20
 LinkTarget _UNICODE_STRING 7600:8
 DosDeviceDriveIndex u32 7600:10
_DRIVER_OBJECT a8
 Type i16 0
 Size i16 2
 DeviceObject *_DEVICE_OBJECT 4
 Flags u32 8
 DriverStart *void c
 DriverSize u32 10
 DriverSection *void 14
 DriverExtension *_DRIVER_EXTENSION 18
 DriverName _UNICODE_STRING 1c
 HardwareDatabase *_UNICODE_STRING 24
 FastIoDispatch *_FAST_IO_DISPATCH 28
 DriverInit *void 2c
 DriverStartIo *void 30
 DriverUnload *void 34
 MajorFunction *void[28] 38
_DRIVER_EXTENSION 1c 9200:24 10240:28
 DriverObject *_DRIVER_OBJECT 0
 AddDevice *void 4
 Count u32 8
 ServiceKeyName _UNICODE_STRING c
 ClientDriverExtension *_IO_CLIENT_EXTENSION 14
_IO_CLIENT_EXTENSION 8
 NextExtension *_IO_CLIENT_EXTENSION 0
 ClientIdentificationAddress *void 4
_DEVICE_OBJECT b8
 Type i16 0
 Size u16 2
 ReferenceCount i32 4
 DriverObject *_DRIVER_OBJECT 8
 NextDevice *_DEVICE_OBJECT c
 AttachedDevice *_DEVICE_OBJECT 10
 CurrentIrp *_IRP 14
 Timer *_IO_TIMER 18
 Flags u32 1c
 Characteristics u32 20
 Vpb *_VPB 24
 DeviceExtension *void 28
 DeviceType u32 2c
 StackSize i8 30
 AlignmentRequirement u32 5c
 DeviceQueue _KDEVICE_QUEUE 60
 ActiveThreadCount u32 94
 SecurityDescriptor *void 98
 DeviceLock _KEVENT 9c
 SectorSize u16 ac
 DeviceObjectExtension *_DEVOBJ_EXTENSION b0
_DEVOBJ_EXTENSION 2c 6002:3c 10240:38
 Type i16 0
 Size u16 2
 DeviceObject *_DEVICE_OBJECT 4
 PowerFlags u32 8
 ExtensionFlags u32 10
 DeviceNode *void 14
 AttachedTo *_DEVICE_OBJECT 18
 StartIoCount i32 1c
 StartIoKey i32 20
 StartIoFlags u32 24
 Vpb *_VPB 28
_DEVICE_NODE 7600:188 9200:1cc 17763:1f4
 Parent *_DEVICE_NODE 7600:8
 PhysicalDeviceObject *_DEVICE_OBJECT 7600:10
 InstancePath _UNICODE_STRING 7600:14
 ServiceName _UNICODE_STRING 7600:1c
_FILE_OBJECT 70 6002:80
 Type i16 0
 Size i16 2
 DeviceObject *_DEVICE_OBJECT 4
 Vpb *_VPB 8
 FsContext *void c
 FsContext2 *void 10
 SectionObjectPointer *_SECTION_OBJECT_POINTERS 14
 PrivateCacheMap *void 18
 FinalStatus i32 1c
 RelatedFileObject *_FILE_OBJECT 20
 LockOperation u8 24
 DeletePending u8 25
 ReadAccess u8 26
 WriteAccess u8 27
 DeleteAccess u8 28
 SharedRead u8 29
 SharedWrite u8 2a
 SharedDelete u8 2b
 Flags u32 2c
 FileName _UNICODE_STRING 30
 CurrentByteOffset _LARGE_INTEGER 38
 Waiters u32 40
 Busy u32 44
 Event _KEVENT 5c
 CompletionContext *_IO_COMPLETION_CONTEXT 6c
_IRP 70
 Type i16 0
 Size u16 2
 MdlAddress *_MDL 4
 Flags u32 8
 AssociatedIrp {4} c
 AssociatedIrp.IrpCount i32 c
 AssociatedIrp.MasterIrp *_IRP c
 AssociatedIrp.SystemBuffer *void c
 ThreadListEntry _LIST_ENTRY 10
 IoStatus _IO_STATUS_BLOCK 18
 RequestorMode i8 20
 PendingReturned u8 21
 StackCount i8 22
 CurrentLocation i8 23
 Cancel u8 24
 CancelIrql u8 25
 ApcEnvironment i8 26
 AllocationFlags u8 27
 UserIosb *_IO_STATUS_BLOCK 28
 UserEvent *_KEVENT 2c
 Overlay {8} 30
 Overlay.AllocationSize _LARGE_INTEGER 30
 Overlay.AsynchronousParameters {8} 30
 Overlay.AsynchronousParameters.UserApcRoutine *void 30
 Overlay.AsynchronousParameters.UserApcContext *void 34
 CancelRoutine *void 38
 UserBuffer *void 3c
 Tail {30} 40
 Tail.Overlay {2c} 40
 Tail.Overlay.DeviceQueueEntry _KDEVICE_QUEUE_ENTRY 40
 Tail.Overlay.DriverContext *void[4] 40
 Tail.Overlay.Thread *_ETHREAD 50
 Tail.Overlay.AuxiliaryBuffer *i8 54
 Tail.Overlay.ListEntry _LIST_ENTRY 58
 Tail.Overlay.CurrentStackLocation *_IO_STACK_LOCATION 60
 Tail.Overlay.OriginalFileObject *_FILE_OBJECT 64
_IO_STATUS_BLOCK 8
 Status i32 0
 Information u32 4
_IO_STACK_LOCATION 24
 MajorFunction u8 0
 MinorFunction u8 1
 Flags u8 2
 Control u8 3
 Parameters {10} 4
 Parameters.Others {10} 4
 Parameters.Others.Argument1 *void 4
 Parameters.Others.Argument2 *void 8
 Parameters.Others.Argument3 *void c
 Parameters.Others.Argument4 *void 10
 DeviceObject *_DEVICE_OBJECT 14
 FileObject *_FILE_OBJECT 18
 CompletionRoutine *void 1c
 Context *void 20
_MDL 1c
 Next *_MDL 0
 Size i16 4
 MdlFlags i16 6
 Process *_EPROCESS 8
 MappedSystemVa *void c
 StartVa *void 10
 ByteCount u32 14
 ByteOffset u32 18
_VPB 58
 Type i16 0
 Size i16 2
 Flags u16 4
 VolumeLabelLength u16 6
 DeviceObject *_DEVICE_OBJECT 8
 RealDevice *_DEVICE_OBJECT c
 SerialNumber u32 10
 ReferenceCount u32 14
 VolumeLabel u16[32] 18
_KDEVICE_QUEUE 14
 Type i16 0
 Size i16 2
 DeviceListHead _LIST_ENTRY 4
 Lock u32 c
 Busy u8 10
_KDEVICE_QUEUE_ENTRY 10
 DeviceListEntry _LIST_ENTRY 0
 SortKey u32 8
 Inserted u8 c
_KEVENT 10
 Header _DISPATCHER_HEADER 0
_SECTION_OBJECT_POINTERS c
 DataSectionObject *void 0
 SharedCacheMap *void 4
 ImageSectionObject *void 8
_LARGE_INTEGER 8
 QuadPart i64 0
`,
};

const x86Series = new Series(x86Objects);
const newestX86 = Number(x86Objects.builds.at(-1));

const fixedX86 = 'layouts of 32-bit Windows, the same from 7 to 10';

/** A structure of drivers or of the object manager of 32-bit Windows, for builds without a profile of their own. */
export function sharedX86Structure(build: number, name: string): SharedStructure | undefined {
  const structure = x86Series.structure(name, build);
  const isPublic = driverInterface.has(name);
  const source = isPublic ? fixed : fixedX86;
  return structure && { structure, source, isSeen: isPublic || build <= newestX86 };
}
