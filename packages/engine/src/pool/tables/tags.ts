/**
 * Tags that are met most, in the form of a pooltag.txt: which driver or part of the kernel uses the tag, and what for. The
 * words are ours. Source of the facts: the names that Windows' own components give their allocations, as published in the
 * Debugging Tools and the driver documentation.
 */
export const builtInTags = `
None - <unknown> - given by ExAllocatePool to callers without a tag
BIG  - nt!mm - whole pages whose own tag was not recorded
Pool - nt!ex - tables of the pool itself
Irp  - nt!io - I/O request packet
Irpl - nt!io - I/O request packet of the list of large ones
IrpX - nt!io - I/O request packet, added part
Io   - nt!io - I/O manager, various
IoBo - nt!io - where the machine was booted from
IoCc - nt!io - context of I/O completion
IoDn - nt!io - name of a device
IoEa - nt!io - extended attributes of a file
IoEr - nt!io - entry for the error log
IoFs - nt!io - a driver that wants to know of shutdown
IoFu - nt!pnp - utilities of the I/O manager
IoNm - nt!io - name of an object of the I/O manager
IoRb - nt!io - booting from the network
IoRi - nt!io - a driver that is to be initialized again
IoSi - nt!io - symbolic link of a device
IoSh - nt!io - notification of shutdown
IoTi - nt!io - timer of a device
IoUs - nt!io - context of a completion
Icp  - nt!io - packet of a completion port
KAPC - nt!io - procedure call that shows a hard error
Wait - nt!io - packet of a wait that completes into a port
Ldmp - nt!io - buffers of a live dump
Driv - nt!io - driver object
Devi - nt!io - device object
File - nt!io - file object
Vpb  - nt!io - volume parameter block
Mdl  - nt!io - memory descriptor list
Even - nt!ex - event object
Evid - nt!ex - identifiers of events, for the run-time library
Muta - nt!ex - mutex object
Sema - nt!ex - semaphore object
Time - nt!ke - timer object
ExWl - nt!ex - work item of the executive
Rqrv - nt!ex - buffer of a registry query
Vad  - nt!mm - virtual address descriptor, of a section
VadS - nt!mm - virtual address descriptor, short
VadF - nt!mm - virtual address descriptor of a range that was split
Vadl - nt!mm - virtual address descriptor, long
MmAc - nt!mm - access log of pages
MmCa - nt!mm - control area of a mapped file
MmCi - nt!mm - control area of an image
MmCd - nt!mm - copy of an address space (fork)
MmCm - nt!mm - contiguous memory
MmCt - nt!mm - traces for debugging
MmDT - nt!mm - debug records
MmEx - nt!mm - events of the memory manager
MmHi - nt!mm - image of a session
MmIn - nt!mm - page that is being read in
MmLd - nt!mm - modules that are being loaded
MmPg - nt!mm - page tables made at boot
MmRp - nt!mm - log of repurposed pages
MmSb - nt!mm - subsection
MmSe - nt!mm - range of a program whose protection is secured
MmSm - nt!mm - segment of a mapped file
MmSt - nt!mm - prototype PTEs of a section
MmSi - nt!mm - stub of an image in a control area
MmSc - nt!mm - part of a mapped file
MmSd - nt!mm - added part of a mapped file
MmSg - nt!mm - segment of a section
MmSw - nt!mm - writes of stores, for prefetching
MmSW - nt!mm - writes of stores
Mmdl - nt!mm - MDL of a flush
MmVd - nt!mm - virtual address descriptor of a mapped view
MmWe - nt!mm - work of the writer of modified pages
MmWw - nt!mm - address range whose writes are watched
Mmww - nt!mm - address range whose writes are watched, bitmap
Mm   - nt!mm - memory manager, various
MmRl - nt!mm - list of file pages to prefetch
MmBk - nt!mm - banked memory of a display
MmLn - nt!mm - name of a driver that is being loaded
MmPa - nt!mm - space of a page file that is given back
MmHn - nt!mm - name of an address that is the same in all sessions
MmHv - nt!mm - address that is the same in all sessions
AleE - tcpip.sys - filtering of applications, endpoint
Proc - nt!ps - process object
Thre - nt!ps - thread object
Toke - nt!se - access token
PsAp - nt!ps - asynchronous procedure call of a process
Psap - nt!ps - block for queueing an asynchronous procedure call
PsIm - nt!ps - impersonation of a thread
PsJa - nt!ps - access control of a job
PsQb - nt!ps - quota block
PsTp - nt!ps - port that hears of the end of a thread
Ps   - nt!ps - processes and threads, various
PsWs - nt!ps - watch of a working set
Pstb - nt!ps - table of handles of processes
TpWo - nt!ex - factory of pool threads
ObDi - nt!ob - directory of names
ObHd - nt!ob - count of handles of an object
ObNm - nt!ob - name of an object
ObNM - nt!ob - buffer for names, of a processor
ObCi - nt!ob - what is captured while an object is made
ObCI - nt!ob - information captured while an object is made, cached
ObDm - nt!ob - device map
ObRt - nt!ob - stacks of references
ObSc - nt!ob - descriptors in the cache
ObSq - nt!ob - security of objects, queried
ObSt - nt!ob - short-lived memory of the object manager
ObWm - nt!ob - wait for several objects
ObjT - nt!ob - type of objects
Obtb - nt!ob - handle table
ObTR - nt!ob - lock of an object table
Symb - nt!ob - symbolic link object
Symt - nt!ob - target of a symbolic link
Dire - nt!ob - directory of objects
Sect - nt!ob - object of a section
Type - nt!ob - object of a type
SeAc - nt!se - access control list
SeAt - nt!se - attributes of security
SeDt - nt!se - table of attributes of the system
SePa - nt!se - name of an image in an audit
SePr - nt!se - privileges
SeSc - nt!se - security descriptor, captured
SeSd - nt!se - descriptor of who may do what
SeSi - nt!se - security identifier
SeTa - nt!se - short-lived array
SeTd - nt!se - part of a token that can grow
SeTl - nt!se - lock of a token
SeTn - nt!se - captured name of a type
SeLs - nt!se - logon session
SeLu - nt!se - LUIDs and their attributes
SeOn - nt!se - captured name of an object
SeSp - nt!se - policy of a scope
SeUs - nt!se - captured text
SeHn - nt!se - handles of an app container
Se   - nt!se - security, various
CM?? - nt!cm - registry
CM   - nt!cm - registry, various
CMAl - nt!cm - registry, memory of its own allocator
CMkb - nt!cm - registry, key control block
CMpb - nt!cm - registry, postponed notification
CMpe - nt!cm - registry, event of a notification
CMpa - nt!cm - registry, procedure call of a notification
CMnb - nt!cm - registry, notification
CMsb - nt!cm - registry, buffer kept aside
CMDa - nt!cm - registry, data of values in the cache
CMVa - nt!cm - registry, cached value
CMIn - nt!cm - registry, hint for an index
CMUw - nt!cm - registry, unit of work
CMTr - nt!cm - registry, transaction
CMRm - nt!cm - registry, resource manager
Key  - nt!cm - key object
CcBc - nt!cc - cache manager, buffer control block
CcSc - nt!cc - cache manager, map of a cached file
CcVa - nt!cc - cache manager, array of views
CcVp - nt!cc - cache manager, array of view pages
CcVl - nt!cc - cache manager, level of views
CcWk - nt!cc - cache manager, list of work items
CcWK - nt!cc - cache manager, list of work items
CcWq - nt!cc - cache manager, queue of work
CcDw - nt!cc - cache manager, write that was put off
CcBm - nt!cc - cache manager, map of bits
CcBz - nt!cc - cache manager, zone of buffer control blocks
CcEv - nt!cc - cache manager, an event
CcOb - nt!cc - cache manager, overlapping buffer control block
CcPf - nt!ccpf - prefetching, traces
CcPB - nt!ccpf - prefetching, buffer of traces
CcPS - nt!ccpf - prefetching, scenario
Cc   - nt!cc - cache manager, various
Pf?? - nt!pf - prefetching and superfetch
EtwR - nt!etw - event tracing, registration
Etwr - nt!etw - event tracing, queued reply
EtwG - nt!etw - event tracing, GUID of a provider
EtwB - nt!etw - event tracing, buffers
EtwD - nt!etw - event tracing, data block
EtwL - nt!etw - event tracing, logger
EtwS - nt!etw - event tracing, source of data
EtwC - nt!etw - event tracing, consumer in real time
EtwF - nt!etw - event tracing, filter
EtwW - nt!etw - event tracing, work item
Etw? - nt!etw - event tracing
WmiC - nt!wmi - management instrumentation, work item
WmiG - nt!wmi - management instrumentation, GUID
ALPC - nt!alpc - port of local procedure calls
AlMs - nt!alpc - message of a port
AlHa - nt!alpc - table of handles of a port
AlEv - nt!alpc - log of port events
AlSe - nt!alpc - security of a client of a port
AlVi - nt!alpc - view of a port's section
AlIn - nt!alpc - port, internal
AlRr - nt!alpc - reserve of a port
Port - nt!lpc - port of local procedure calls
LpcM - nt!lpc - message of local procedure calls
DbCb - nt!dbg - callback of debug prints
DbLo - nt!dbgk - log of debug prints
Ke   - nt!ke - core of the kernel, various
Pnp0 - nt!pnp - Plug and Play, resources that are shared out anew
PnpA - nt!pnp - Plug and Play, run-time library
Pnp? - nt!pnp - Plug and Play
PpEE - nt!pnp - Plug and Play, event entry
PpEL - nt!pnp - Plug and Play, event list
Ppen - nt!pnp - Plug and Play, enumeration
Ppei - nt!pnp - Plug and Play, instance of EISA
Ppre - nt!pnp - Plug and Play, requests for resources
Ppcr - nt!pnp - Plug and Play, memory that has to be had
Ppcd - nt!pnp - Plug and Play, database of critical devices
DPwr - nt!pnp - Plug and Play, power of devices
FSfm - nt!fsrtl - fast mutexes of file systems, cached
FSim - nt!fsrtl - first mappings of a control block, cached
FSrt - nt!fsrtl - run-time library of file systems
FSrs - nt!fsrtl - work that is handed on when the stack is short
FSmg - nt!fsrtl - run-time library of file systems, memory
FSun - nt!fsrtl - run-time library of file systems, more
FSel - nt!fsrtl - list of parameters for a create
FS?? - nt!fsrtl - run-time library of file systems, various
FMfn - fltmgr.sys - filter manager, node of the name cache
FMsl - fltmgr.sys - filter manager, list of a stream
FMcb - fltmgr.sys - filter manager, control block of a context
FMic - fltmgr.sys - filter manager, control of a request
FMis - fltmgr.sys - filter manager, instance
FMfl - fltmgr.sys - filter manager, filter
FMvo - fltmgr.sys - filter manager, volume
FMts - fltmgr.sys - filter manager, stack of a tree
FM?? - fltmgr.sys - filter manager
Ntf? - ntfs.sys - NTFS
Ntf0 - ntfs.sys - NTFS, general
NtfF - ntfs.sys - NTFS, control block of a directory
Ntff - ntfs.sys - NTFS, control block of a file
Ntfr - ntfs.sys - NTFS, resource
Ntfs - ntfs.sys - NTFS, control block of a data stream
NtfS - ntfs.sys - NTFS, control block of an index stream
Ntfx - ntfs.sys - NTFS, general allocation of a kind
NtFs - ntfs.sys - NTFS, structures on disk
Ntfc - ntfs.sys - NTFS, control block of an open file
NtfM - ntfs.sys - NTFS, map of clusters
Ntfo - ntfs.sys - NTFS, name of an index
NtfE - ntfs.sys - NTFS, context of an index
Nt?? - ntfs.sys - NTFS, various
Fat? - fastfat.sys - FAT file system
ReF? - refs.sys - ReFS
Ref? - refs.sys - ReFS
MSb+ - refs.sys - ReFS, tree of its store
Cd?? - cdfs.sys - CD file system
Udf? - udfs.sys - UDF file system
NpF* - npfs.sys - named pipes
NpFn - npfs.sys - named pipes, name
NpFc - npfs.sys - named pipes, control block of a client
NpFr - npfs.sys - named pipes, buffer of a read or write
NpFs - npfs.sys - named pipes, security of a client
NpFw - npfs.sys - named pipes, write that waits
NpAt - npfs.sys - named pipes, attribute
Mup? - mup.sys - multiple UNC provider
Rx?? - rdbss.sys - redirected drives
RxSc - rdbss.sys - redirected drives, a server
RxFc - rdbss.sys - redirected drives, control block of a file
Sm?? - mrxsmb.sys - SMB client
SmMm - mrxsmb.sys - SMB client, memory of exchanges
LS?? - srvnet.sys - SMB server
LSbf - srvnet.sys - SMB server, a buffer or its description
LS2? - srv2.sys - SMB 2 server
LSwi - srv.sys - SMB 1 server, first work context
DfC? - dfsc.sys - client of the distributed file system
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
AfdX - afd.sys - sockets, buffer of a context
AfdT - afd.sys - sockets, transport
AfdP - afd.sys - sockets, poll
Afdc - afd.sys - sockets, connect data
TcpE - tcpip.sys - TCP, endpoint
TcpL - tcpip.sys - TCP, listener
TcpB - tcpip.sys - TCP, offload
TcDN - tcpip.sys - TCP, data whose delivery was put off
TcSa - tcpip.sys - TCP, selective acknowledgement
TcTW - tcpip.sys - TCP, connection that closes
UdpA - tcpip.sys - UDP, endpoint
UdpN - tcpip.sys - UDP, interface of its names
TNbl - tcpip.sys - TCP, buffers to send
IPbw - tcpip.sys - IP, bandwidth of a path
Ipng - tcpip.sys - IP, buffers of several kinds
RawN - tcpip.sys - raw sockets, interface of their names
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
WfpS - netio.sys - filtering platform, start
Nnbl - netio.sys - network buffer lists
Nnnn - netio.sys - network buffers and their lists
Nbuf - netio.sys - memory descriptor lists for network buffers
Nrsd - netio.sys - security of a network run-time
ND?? - ndis.sys - network drivers interface
NDpb - ndis.sys - network drivers, protocol block
NDpp - ndis.sys - network drivers, pool of packets
NDmb - ndis.sys - network drivers, miniport block
NDnd - ndis.sys - network drivers, memory of NDIS itself
NDam - ndis.sys - memory that a network driver asked NDIS for
NDrt - ndis.sys - network drivers, lists of buffers in a reset
NDwh - ndis.sys - network drivers, handle of a wrapper
Ul?? - http.sys - HTTP server
Uc?? - http.sys - HTTP, client side in the kernel
UlHR - http.sys - HTTP server, request
UlFP - http.sys - HTTP server, process of a filter
UlUM - http.sys - HTTP server, mapping of URLs
Ksec - ksecdd.sys - security support of the kernel
Kse? - ksecdd.sys - security support of the kernel, various
Cngb - ksecdd.sys - cryptography, buffers
Cryp - ksecdd.sys - cryptography of the kernel
KrbC - ksecdd.sys - Kerberos, context
MsvC - ksecdd.sys - NTLM, context
SslC - ksecdd.sys - TLS, context
Acp? - acpi.sys - ACPI
AcpD - acpi.sys - ACPI, device
AcpI - acpi.sys - ACPI, request
AcpS - acpi.sys - ACPI, text
Aml* - acpi.sys - ACPI, interpreter
PciB - pci.sys - PCI bus, bridges
Hal  - hal.dll - hardware abstraction
Mca? - hal.dll - machine checks
RaSI - storport.sys - storage ports, sense information of an unmap
RaME - storport.sys - storage ports, extension of a device
RaUE - storport.sys - storage ports, resources of a unit
RaEt - storport.sys - storage ports, unit found on a bus
Sc?? - classpnp.sys - storage class drivers
ScC? - classpnp.sys - storage class drivers, common
ScD? - disk.sys - disks
ScCD - cdrom.sys - optical drives, descriptor of a device
ScIO - classpnp.sys - storage class drivers, device control
CPnp - classpnp.sys - storage class drivers, packets of transfers
VoS? - volsnap.sys - snapshots of volumes
VoSm - volsnap.sys - snapshots of volumes, bitmap
Vm?? - volmgrx.sys - dynamic volumes
FVE? - fvevol.sys - BitLocker
V2?? - vhdmp.sys - virtual disks
VHD? - vhdmp.sys - virtual disks, files
V2lg - vhdmp.sys - virtual disks, large blocks
smMd - rdyboost.sys - ReadyBoost, MDL
smCa - nt!store - ReadyBoost, what is cached
smLb - nt!store - ReadyBoost, log of a store
Wof? - wof.sys - files kept compressed or in images
HidC - hidclass.sys - input devices, class
KbdC - kbdclass.sys - keyboards, class
MouC - mouclass.sys - pointing devices, class
8042 - i8042prt.sys - keyboards and mice on PS/2 ports
UHUB - usbhub.sys - USB hubs, various
UHCD - usbuhci.sys - USB 1 host controller
ohci - usbohci.sys - FireWire host controller
BTPT - bthport.sys - Bluetooth, ports
Bat? - battc.sys - batteries
FxDr - wdf01000.sys - driver framework, memory of a driver
FxL? - wdfldr.sys - loader of the driver framework
DxgK - dxgkrnl.sys - graphics kernel
Vi?? - dxgmms2.sys - video memory and scheduling
Gpff - win32k.sys - graphics, font file
Gla? - win32k.sys - graphics, list of free objects
Gh?? - win32k.sys - graphics, object with a handle (sprite)
Gh?5 - win32k.sys - graphics, bitmap
Gh?8 - win32k.sys - graphics, palette
Gh?1 - win32k.sys - graphics, device context
Gh?4 - win32k.sys - graphics, region
Gla5 - win32k.sys - graphics, cached bitmap
Gtmp - win32k.sys - graphics, short-lived
Gcac - win32k.sys - graphics, font cache
Gfnt - win32k.sys - graphics, realized font
Ttfd - win32k.sys - TrueType fonts
Bmfd - win32k.sys - fonts
Gdev - win32k.sys - graphics, mode of a device
Uswd - win32k.sys - window
Usac - win32k.sys - accelerator table
Uscu - win32k.sys - cursor
Usmt - win32k.sys - menu state
Uspi - win32k.sys - process in windows
Usti - win32k.sys - thread in windows
Usqu - win32k.sys - queue of input
Ustm - win32k.sys - timer of a window
AzAd - HDAudio.sys - audio bus, adapter
Az?? - HDAudio.sys - audio bus
KsoO - ks.sys - audio of WDM
VsSw - vmswitch.sys - switch of virtual machines
Vs?? - vmswitch.sys - network of virtual machines
VMdl - nt!Vf - MDL that Driver Verifier made
Vfwi - nt!Vf - work item that Driver Verifier tracks
VfPT - nt!Vf - Driver Verifier, stacks of allocations and frees
VfAT - nt!Vf - Driver Verifier, trees
VfIT - nt!Vf - Driver Verifier, imports of a driver
Vepp - nt!Vf - Driver Verifier, tracking of pool
Ahca - ahcache.sys - application compatibility, cache
NvL? - nvlddmkm.sys - NVIDIA display
`;
