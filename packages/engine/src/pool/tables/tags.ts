/**
 * Tags that are met most, in the form of a pooltag.txt: which driver or part of the kernel uses the tag, and what for. The
 * words are ours. Source of the facts: the names that Windows' own components give their allocations, as published in the
 * Debugging Tools and the driver documentation.
 */
export const builtInTags = `
None - <unknown> - given by ExAllocatePool to callers without a tag
Wrap - nt!Vf - given by Driver Verifier to allocations without a tag
BIG  - nt!mm - whole pages whose tag was not recorded
Free - nt!mm - memory that was never handed out
Pool - nt!ex - tables of the pool itself
Irp  - nt!io - I/O request packet
IrpC - nt!io - I/O request packet of a driver's own cache
Irpl - nt!io - I/O request packet of a processor's cache
IrpX - nt!io - I/O request packet, extended
Io   - nt!io - I/O manager, various
IoBo - nt!io - boot drivers, how they are started
IoCc - nt!io - context of I/O completion
IoDn - nt!io - name of a device
IoEa - nt!io - extended attributes of a file
IoEr - nt!io - entry for the error log
IoFs - nt!io - notification of a file system's arrival
IoFu - nt!pnp - utilities of the I/O manager
IoNm - nt!io - name of an object of the I/O manager
IoRb - nt!io - restart of a driver's initialization
IoRi - nt!io - description of a resource
IoSi - nt!io - symbolic link of a device
IoSh - nt!io - notification of shutdown
IoTi - nt!io - timer of a device
IoUs - nt!io - buffer of a user's request
Icp  - nt!io - packet of a completion port
IoCo - nt!io - completion port
KAPC - nt!io - asynchronous procedure call of the I/O manager
Wait - nt!io - wait blocks, for waits on many objects
Ldmp - nt!io - live dump
Driv - nt!io - driver object
Devi - nt!io - device object
File - nt!io - file object
Vpb  - nt!io - volume parameter block
Mdl  - nt!io - memory descriptor list
Even - nt!ex - event object
Evid - nt!ex - identifier of an event
Muta - nt!ex - mutex object
Mutx - nt!ex - mutex of the executive
Sema - nt!ex - semaphore object
Time - nt!ex - timer object
Keye - nt!ex - keyed event
Cbrb - nt!ex - registration of a callback
ExCb - nt!ex - callback object
Exta - nt!ex - worker of the executive
ExWl - nt!ex - work item of the executive
LBuf - nt!ex - buffer of locks
Lkst - nt!ex - lookaside list
Look - nt!ex - lookaside list of the system
Rqrv - nt!ex - reserve of quota
Uuid - nt!ex - UUID table
Vad  - nt!mm - virtual address descriptor, of a section
VadS - nt!mm - virtual address descriptor, short
VadF - nt!mm - virtual address descriptor, of a private file view
Vadl - nt!mm - virtual address descriptor, long
MmAc - nt!mm - access log of pages
MmCa - nt!mm - control area of a mapped file
MmCi - nt!mm - control area of an image
MmCd - nt!mm - pages for a debugger or a dump
MmCm - nt!mm - contiguous memory
MmCt - nt!mm - counters of the memory manager
MmDT - nt!mm - debug records
MmEx - nt!mm - events of the memory manager
MmHi - nt!mm - history of the memory manager
MmIn - nt!mm - input to the page file
MmLd - nt!mm - list of loaded drivers, and their names
MmPg - nt!mm - page table of a program
MmRp - nt!mm - repurposed pages
MmSb - nt!mm - subsection
MmSe - nt!mm - section object
MmSm - nt!mm - page map of session memory
MmSt - nt!mm - prototype PTEs of a section
MmSi - nt!mm - counts of images in sessions
MmSc - nt!mm - subsection of a file that grew
MmSd - nt!mm - extended section of a file
MmSg - nt!mm - segment of a section
MmSw - nt!mm - store of paged-out pages
MmSW - nt!mm - watch of system pages
Mmdl - nt!mm - MDL of the memory manager itself
MmVd - nt!mm - verifier's records of drivers
MmWe - nt!mm - entries of working sets
MmWw - nt!mm - write watch
Mmww - nt!mm - write watch, bitmap
Mm   - nt!mm - memory manager, various
MmRl - nt!mm - lists of free ranges
MmBk - nt!mm - banked memory of a display
MmLn - nt!mm - name of a session's image
MmPa - nt!mm - node of a page file
MmHn - nt!mm - name hints for images
MmHv - nt!mm - hot patching of images
AleE - tcpip.sys - filtering of applications, endpoint
Proc - nt!ps - process object
Thre - nt!ps - thread object
Toke - nt!se - access token
Job  - nt!ps - job object
PsAp - nt!ps - asynchronous procedure call of a process
Psap - nt!ps - block for queueing an asynchronous procedure call
PsIm - nt!ps - notification of image loads
PsJa - nt!ps - list of a job's processes
PsQb - nt!ps - quota block
PsTp - nt!ps - thread pool of the kernel
Ps   - nt!ps - processes and threads, various
PsWs - nt!ps - watch of a working set
Pstb - nt!ps - bitmap of thread-local storage
Tdef - nt!ps - deferred work of threads
TpWo - nt!ps - thread pool of programs, factory of workers
ObDi - nt!ob - object directory
ObHd - nt!ob - count of handles of an object
ObNm - nt!ob - name of an object
ObNM - nt!ob - name of an object, as a buffer
ObCi - nt!ob - what is captured while an object is made
ObCI - nt!ob - what is captured while an object is made, buffer
ObDm - nt!ob - device map
ObRt - nt!ob - trace of references
ObSc - nt!ob - descriptors in the cache
ObSq - nt!ob - quota of an object's security
ObSt - nt!ob - stack traces of references
ObWm - nt!ob - wait for several objects
ObjT - nt!ob - type of objects
Obtb - nt!ob - handle table
ObTR - nt!ob - trace of references, table
Symb - nt!ob - symbolic link object
Symt - nt!ob - target of a symbolic link
Dire - nt!ob - directory of objects
Sect - nt!ob - object of a section
Type - nt!ob - object of a type
SeAc - nt!se - access control list
SeAt - nt!se - attributes of a token
SeDt - nt!se - details of a token
SePa - nt!se - path for auditing
SePr - nt!se - privileges
SeSc - nt!se - security descriptor, captured
SeSd - nt!se - security descriptor
SeSi - nt!se - security identifier
SeTa - nt!se - attributes in a token
SeTd - nt!se - default list of a token
SeTl - nt!se - lock of a token
SeTn - nt!se - name of a token's logon
SeLs - nt!se - logon session
SeLu - nt!se - identifier of a logon
SeOn - nt!se - name of an object in an audit
SeSp - nt!se - profile of a subject
SeUs - nt!se - user of an audit
SeHn - nt!se - hash of names
Se   - nt!se - security, various
CM?? - nt!cm - registry
CM   - nt!cm - registry, various
CM25 - nt!cm - registry, cell of a hive
CM44 - nt!cm - registry, buffer of a hive
CMAl - nt!cm - registry, table for allocations
CMkb - nt!cm - registry, key control block
CMpb - nt!cm - registry, postponed notification
CMpe - nt!cm - registry, entry of postponed work
CMpa - nt!cm - registry, queued procedure call
CMnb - nt!cm - registry, notification
CMsb - nt!cm - registry, stack of a path
CMDa - nt!cm - registry, cached values
CMVa - nt!cm - registry, cached value
CMIn - nt!cm - registry, index of subkeys
CMUw - nt!cm - registry, undo of a change
CMTr - nt!cm - registry, transaction
CMRm - nt!cm - registry, resource manager
Key  - nt!cm - key object
CcBc - nt!cc - cache manager, buffer control block
CcSc - nt!cc - cache manager, map of a cached file
CcVa - nt!cc - cache manager, array of views
CcVp - nt!cc - cache manager, array of view pages
CcVl - nt!cc - cache manager, level of views
CcWk - nt!cc - cache manager, lazy writer
CcWK - nt!cc - cache manager, work item
CcWq - nt!cc - cache manager, queue of work
CcDw - nt!cc - cache manager, deferred write
CcBm - nt!cc - cache manager, bitmap
CcBz - nt!cc - cache manager, bitmap range
CcEv - nt!cc - cache manager, event
CcOb - nt!cc - cache manager, overlapped read
CcPf - nt!ccpf - prefetching, traces
CcPB - nt!ccpf - prefetching, buffer of traces
CcPS - nt!ccpf - prefetching, section table
Cc   - nt!cc - cache manager, various
Pf?? - nt!pf - prefetching and superfetch
EtwR - nt!etw - event tracing, registration
Etwr - nt!etw - event tracing, registration of a reply
EtwG - nt!etw - event tracing, provider
EtwB - nt!etw - event tracing, buffers
EtwD - nt!etw - event tracing, data block
EtwL - nt!etw - event tracing, logger
EtwS - nt!etw - event tracing, stacks
EtwC - nt!etw - event tracing, consumer
EtwF - nt!etw - event tracing, filter
EtwQ - nt!etw - event tracing, queue
EtwW - nt!etw - event tracing, work item
Etw? - nt!etw - event tracing
WmiC - nt!wmi - management instrumentation, data provider
WmiG - nt!wmi - management instrumentation, memory
Wmi? - nt!wmi - management instrumentation
ALPC - nt!alpc - message of a local procedure call port
AlMs - nt!alpc - message of a port
AlHa - nt!alpc - handle of a message
AlEv - nt!alpc - event of a port
AlSe - nt!alpc - section of a port
AlVi - nt!alpc - view of a port's section
AlIn - nt!alpc - internals of a port
AlRr - nt!alpc - reserve of a port
Port - nt!lpc - port of local procedure calls
LpcM - nt!lpc - message of local procedure calls
Dbgk - nt!dbgk - user-mode debugging
DbCb - nt!dbgk - debug print callback
DbLo - nt!dbgk - log of debug prints
Gcal - nt!ke - generic call of processors
Ke   - nt!ke - core of the kernel, various
KeSP - nt!ke - secondary data of a crash
Kdpr - nt!kd - prints of the kernel debugger
Pnp0 - nt!pnp - Plug and Play, events
PnpA - nt!pnp - Plug and Play, arbitration
PnpB - nt!pnp - Plug and Play, buses
Pnp? - nt!pnp - Plug and Play
PpEE - nt!pnp - Plug and Play, event entry
PpEL - nt!pnp - Plug and Play, event list
Ppen - nt!pnp - Plug and Play, enumeration
Ppei - nt!pnp - Plug and Play, instance of EISA
Ppre - nt!pnp - Plug and Play, requests for resources
Ppcr - nt!pnp - Plug and Play, critical devices
Ppcd - nt!pnp - Plug and Play, database of critical devices
Po?? - nt!po - power manager
PoDp - nt!po - power manager, policy of a device
PoSI - nt!po - power manager, state of idle devices
PoWI - nt!po - power manager, work item
PowI - nt!po - power manager, idle states
DPwr - nt!pnp - power of a device
FSfm - nt!fsrtl - fast mutex of a file system
FSim - nt!fsrtl - control block of an oplock
FSrt - nt!fsrtl - run-time library of file systems
FSrs - nt!fsrtl - byte-range locks, shared
FSmg - nt!fsrtl - map of large ranges
FSrN - nt!fsrtl - notification of changes
FSun - nt!fsrtl - unwinding of file systems
FSel - nt!fsrtl - exclusive byte-range lock
FS?? - nt!fsrtl - run-time library of file systems, various
FMfn - fltmgr.sys - filter manager, cached file name
FMsl - fltmgr.sys - filter manager, context of a stream
FMcb - fltmgr.sys - filter manager, callback data
FMic - fltmgr.sys - filter manager, context of an instance
FMis - fltmgr.sys - filter manager, instance
FMfl - fltmgr.sys - filter manager, filter
FMvo - fltmgr.sys - filter manager, volume
FMts - fltmgr.sys - filter manager, tree of streams
FM?? - fltmgr.sys - filter manager
Ntf? - ntfs.sys - NTFS
Ntf0 - ntfs.sys - NTFS, general
NtfF - ntfs.sys - NTFS, control block of an index
Ntff - ntfs.sys - NTFS, control block of a file
Ntfr - ntfs.sys - NTFS, resource
Ntfs - ntfs.sys - NTFS, control block of a stream
NtfS - ntfs.sys - NTFS, snapshot of a stream
Ntfx - ntfs.sys - NTFS, node of a stream's header
NtFs - ntfs.sys - NTFS, structures
Ntfc - ntfs.sys - NTFS, control block of an open file
NtfM - ntfs.sys - NTFS, map of clusters
Ntfo - ntfs.sys - NTFS, index of free clusters
NtfE - ntfs.sys - NTFS, encryption
Nt?? - ntfs.sys - NTFS, various
Fat? - fastfat.sys - FAT file system
exFt - exfat.sys - exFAT file system
ReF? - refs.sys - ReFS
Ref? - refs.sys - ReFS
MSb+ - refs.sys - ReFS, tree of its store
Cd?? - cdfs.sys - CD file system
Udf? - udfs.sys - UDF file system
NpF* - npfs.sys - named pipes
NpFn - npfs.sys - named pipes, name
NpFc - npfs.sys - named pipes, control block of a client
NpFr - npfs.sys - named pipes, data of a read or write
NpFs - npfs.sys - named pipes, security of a client
NpFw - npfs.sys - named pipes, write that waits
NpAt - npfs.sys - named pipes, attribute
Msfs - msfs.sys - mailslots
Mup? - mup.sys - multiple UNC provider
Mu?? - mup.sys - multiple UNC provider, requests
Rx?? - rdbss.sys - redirected drive buffering
RxSc - rdbss.sys - redirected drive, open of a server
RxFc - rdbss.sys - redirected drive, control block of a file
Sm?? - mrxsmb.sys - SMB client
SmMm - mrxsmb.sys - SMB client, memory of exchanges
LS?? - srvnet.sys - SMB server
LSbf - srvnet.sys - SMB server, buffer
LS2? - srv2.sys - SMB 2 server
LSsf - srv.sys - SMB 1 server, search
LSwi - srv.sys - SMB 1 server, work item
Dfs? - dfs.sys - distributed file system
DfC? - dfsc.sys - client of the distributed file system
Csc? - csc.sys - offline files
Clf? - clfs.sys - common log file system
TmTm - nt!tm - transaction manager
TmTx - nt!tm - transaction
TmRm - nt!tm - resource manager of transactions
TmEn - nt!tm - enlistment in a transaction
Tm?? - nt!tm - kernel transactions
Afd? - afd.sys - sockets
AfdB - afd.sys - sockets, buffer of data
AfdE - afd.sys - sockets, endpoint
AfdC - afd.sys - sockets, connection
AfdX - afd.sys - sockets, translated address
AfdT - afd.sys - sockets, transport
AfdP - afd.sys - sockets, poll
Afdc - afd.sys - sockets, connect data
TcpE - tcpip.sys - TCP, endpoint
TcpL - tcpip.sys - TCP, listener
TcpB - tcpip.sys - TCP, block of a segment
TcDN - tcpip.sys - TCP, delayed notification
TcSa - tcpip.sys - TCP, selective acknowledgement
TcTW - tcpip.sys - TCP, connection that closes
UdpA - tcpip.sys - UDP, endpoint
UdpN - tcpip.sys - UDP, messages
TNbl - tcpip.sys - network buffers of TCP/IP
IPbw - tcpip.sys - work of an IP buffer
IPrr - tcpip.sys - route of IP
InNb - tcpip.sys - neighbors of IP
Ipng - tcpip.sys - ping
RawN - tcpip.sys - raw sockets, messages
Ala? - tcpip.sys - filtering of applications, address
Ale? - tcpip.sys - filtering of applications
TdxA - tdx.sys - transport driver interface, address
Tdx? - tdx.sys - transport driver interface
Nb?? - netbt.sys - NetBIOS over TCP/IP
Nbt? - netbt.sys - NetBIOS over TCP/IP, lists
Wfp? - netio.sys - filtering platform
WfpF - netio.sys - filtering platform, filter
WfpC - netio.sys - filtering platform, callout
WfpH - netio.sys - filtering platform, hash table
WfpS - netio.sys - filtering platform, stream
Nnbl - netio.sys - network buffer lists
Nnnn - netio.sys - network buffer lists without a pool
Nbuf - netio.sys - network buffer
Nrsd - netio.sys - registration of a network provider
ND?? - ndis.sys - network drivers interface
NDpb - ndis.sys - network drivers, protocol block
NDpp - ndis.sys - network drivers, pool of packets
NDmb - ndis.sys - network drivers, miniport block
NDnd - ndis.sys - network drivers, memory of a miniport
NDam - ndis.sys - memory that a network driver asked NDIS for
NDrt - ndis.sys - network drivers, run-time
NDwh - ndis.sys - network drivers, wireless
NwN? - nwifi.sys - wireless filter
Ul?? - http.sys - HTTP server
Uc?? - http.sys - HTTP client of the kernel
UlHR - http.sys - HTTP server, request
UlFP - http.sys - HTTP server, pool of files
UlUM - http.sys - HTTP server, mapping of URLs
Ksec - ksecdd.sys - security support of the kernel
Kse? - ksecdd.sys - security support of the kernel, various
Cngb - ksecdd.sys - cryptography, buffers
Cng? - cng.sys - cryptography
Cryp - ksecdd.sys - cryptography of the kernel
KrbC - ksecdd.sys - Kerberos, context
MsvC - ksecdd.sys - NTLM, context
SslC - ksecdd.sys - TLS, context
Acp? - acpi.sys - ACPI
AcpD - acpi.sys - ACPI, device
AcpI - acpi.sys - ACPI, request
AcpS - acpi.sys - ACPI, text
Amli - acpi.sys - ACPI, interpreter of its code
Aml* - acpi.sys - ACPI, interpreter
Pci  - pci.sys - PCI bus
Pci? - pci.sys - PCI bus, devices
PciB - pci.sys - PCI bus, bridges
Hal  - hal.dll - hardware abstraction
Mca? - hal.dll - machine checks
Ra?? - storport.sys - storage ports
RaSI - storport.sys - storage ports, inquiry of a unit
RaME - storport.sys - storage ports, memory of an adapter
RaUE - storport.sys - storage ports, unit
RaEt - storport.sys - storage ports, event
Sc?? - classpnp.sys - storage class drivers
ScC? - classpnp.sys - storage class drivers, common
ScD? - disk.sys - disks
ScCD - cdrom.sys - optical drives
ScPA - scsiport.sys - SCSI port, adapter
ScIO - classpnp.sys - storage class drivers, transfers
CPnp - classpnp.sys - storage class drivers, Plug and Play
Disk - disk.sys - disks, various
Part - partmgr.sys - partitions
Pm?? - partmgr.sys - partitions, manager
VoS? - volsnap.sys - snapshots of volumes
VoSm - volsnap.sys - snapshots of volumes, map
Vm?? - volmgrx.sys - dynamic volumes
VolM - volmgr.sys - volumes
FVE? - fvevol.sys - BitLocker
Fve? - fvevol.sys - BitLocker, volumes
Mnt? - mountmgr.sys - mount points
MntA - mountmgr.sys - mount points, general
V2?? - vhdmp.sys - virtual disks
VHD? - vhdmp.sys - virtual disks, files
V2lg - vhdmp.sys - virtual disks, large blocks
smMd - rdyboost.sys - ReadyBoost, MDL
sm?? - rdyboost.sys - ReadyBoost
smCa - nt!store - store of compressed memory, cache
smLb - nt!store - store of compressed memory, buffer
Wof? - wof.sys - files kept compressed or in images
Hid? - hidclass.sys - input devices
HidC - hidclass.sys - input devices, class
HdHb - hidusb.sys - input devices on USB
Kbdc - kbdclass.sys - keyboards
KbdC - kbdclass.sys - keyboards, class
MouC - mouclass.sys - pointing devices, class
8042 - i8042prt.sys - keyboards and mice on PS/2 ports
Usbp - usbport.sys - USB host controllers
usbp - usbport.sys - USB host controllers, various
Uhub - usbhub.sys - USB hubs
UHUB - usbhub.sys - USB hubs, various
usbh - usbhub.sys - USB hubs, requests
UHCD - usbuhci.sys - USB 1 host controller
ehci - usbehci.sys - USB 2 host controller
ohci - usbohci.sys - USB 1 host controller of the open kind
XHCI - usbxhci.sys - USB 3 host controller
UCX  - ucx01000.sys - extension of USB controllers
HUB3 - usbhub3.sys - USB 3 hubs
HUB? - usbhub3.sys - USB 3 hubs, various
Usbd - usbd.sys - USB bus interface
UsbC - usbccgp.sys - USB devices with several functions
USTR - usbstor.sys - USB storage
Sdbu - sdbus.sys - SD cards
1394 - 1394bus.sys - FireWire bus
Bth? - bthport.sys - Bluetooth
BthU - bthusb.sys - Bluetooth on USB
BTPT - bthport.sys - Bluetooth, ports
Ser? - serial.sys - serial ports
Seri - serial.sys - serial ports, various
Pari - parport.sys - parallel ports
Bat? - battc.sys - batteries
Ther - nt!po - thermal zones
PMPR - intelppm.sys - processors, performance states
FxDr - wdf01000.sys - driver framework, driver
Fx?? - wdf01000.sys - driver framework
FxL? - wdf01000.sys - driver framework, library
WDF? - wudfrd.sys - user-mode drivers
WudR - wudfrd.sys - user-mode drivers, reflector
DxgK - dxgkrnl.sys - graphics kernel
Dxgk - dxgkrnl.sys - graphics kernel, various
Vi?? - dxgmms2.sys - video memory and scheduling
VidP - videoprt.sys - display ports
Vid? - videoprt.sys - display ports, various
Gpff - win32k.sys - graphics, font file
Gla? - win32k.sys - graphics, list of free objects
Gh?? - win32k.sys - graphics, object with a handle
Gh?5 - win32k.sys - graphics, bitmap
Gh?8 - win32k.sys - graphics, palette
Gh?1 - win32k.sys - graphics, device context
Gh?4 - win32k.sys - graphics, region
Gla5 - win32k.sys - graphics, cached bitmap
Gtmp - win32k.sys - graphics, short-lived
Gcac - win32k.sys - graphics, font cache
Gfnt - win32k.sys - graphics, font
GTmp - win32k.sys - graphics, temporary object
Ttfd - win32k.sys - TrueType fonts
Bmfd - win32k.sys - bitmap fonts
Gdev - win32k.sys - graphics, device
Us?? - win32k.sys - windows and input
Uswd - win32k.sys - window
Usac - win32k.sys - accelerator table
Uscu - win32k.sys - cursor
Usmt - win32k.sys - monitor
Uspi - win32k.sys - process in windows
Usti - win32k.sys - thread in windows
Usqu - win32k.sys - queue of input
Ustm - win32k.sys - timer of a window
AzAd - HDAudio.sys - audio bus, adapter
Az?? - HDAudio.sys - audio bus
Prc? - portcls.sys - audio ports
PcDr - portcls.sys - audio ports, drivers
Ks?? - ks.sys - kernel streaming
KsoO - ks.sys - kernel streaming, objects
vmbu - vmbus.sys - bus of virtual machines
VmBu - vmbus.sys - bus of virtual machines, various
VsSw - vmswitch.sys - switch of virtual machines
Vs?? - vmswitch.sys - network of virtual machines
VMdl - nt!Vf - MDL that Driver Verifier made
Vfwi - nt!Vf - work item that Driver Verifier tracks
VfPT - nt!Vf - Driver Verifier, tracking of pool
VfAT - nt!Vf - Driver Verifier, tracking of contiguous memory
VfIT - nt!Vf - Driver Verifier, tracking of I/O
Vf?? - nt!Vf - Driver Verifier
Vepp - nt!Vf - Driver Verifier, information about pool
Vfsp - nt!Vf - Driver Verifier, settings
AppH - ahcache.sys - application compatibility
Ahca - ahcache.sys - application compatibility, cache
MPfl - wdfilter.sys - antimalware, file
MPsc - wdfilter.sys - antimalware, context of a stream
MP?? - wdfilter.sys - antimalware
NvL? - nvlddmkm.sys - NVIDIA display
NVRM - nvlddmkm.sys - NVIDIA display, resources
ATI? - atikmdag.sys - AMD display
igfx - igdkmd64.sys - Intel display
VBox - <unknown> - VirtualBox
VMCI - vmci.sys - VMware, communication
Leak - myfault.sys - NotMyFault, leaked on purpose
`;
