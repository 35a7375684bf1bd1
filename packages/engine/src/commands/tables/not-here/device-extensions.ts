import { type NotHere, near } from './row.ts';

const types = "dt shows its structures where the driver's symbols have them";

/** Extensions that know one kind of driver; their names follow that of the extension: `!wdfkd.wdfdevice`. */
export const deviceExtensions: readonly NotHere[] = [
  near(
    '!wdfchildlist !wdfcollection !wdfcommonbuffer !wdfcrashdump !wdfdevext !wdfdevice !wdfdeviceinterrupts !wdfdevicequeues !wdfdmaenabler !wdfdmaenablers !wdfdmatransaction !wdfdriverinfo !wdfextendwatchdog !wdffindobjects !wdfforwardprogress !wdfgetdriver !wdfhandle !wdfhelp !wdfinterrupt !wdfiotarget !wdfldr !wdflogdump !wdflogsave !wdfmemory !wdfobject !wdfopenhandles !wdfpool !wdfpooltracker !wdfpoolusage !wdfqueue !wdfrequest !wdfsearchpath !wdfsettraceprefix !wdfsetdriver !wdfspinlock !wdftagtracker !wdftmffile !wdftraceprtdebug !wdfumdevstack !wdfumdevstacks !wdfumdownirp !wdfumfile !wdfumirp !wdfumirps !wdfumtriage !wdfkd_wdfumtriage !wdfusbdevice !wdfusbinterface !wdfusbpipe !wdfwmi',
    'objects of the driver framework',
    '!drvobj !irp dps',
    types,
  ),
  near(
    '!netadapter !minidriver !rcvqueue !protocol !mopen !filter !filterdriver !nbl !nb !nblpool !nbpool !pendingnbls !nbllog !oid !interfaces !ifprovider !ifstacktable !compartments !pkt !pktpools !findpacket !vc !af !ndisref !ndisevent !ndisstack !wdiadapter !wdiminidriver !nwadapter !ndisrwlock !ndisslot !ndis !dbglevel !dbgsystems !ndiskdversion !netreport !cxadapter !netqueue !netrb !netpacket !netfragment !nrc !netring !ndiskd',
    'network drivers',
    '!drvobj !irp dps',
    types,
  ),
  near(
    '!storadapter !storclass !storhelp !storlogirp !storloglist !storlogsrb !storsrb !storunit !storagekd !classext !scsiext !srbdata !scsikd !adapter !adapters !exports !lun !portconfig !req !minipkd',
    'storage drivers',
    '!drvobj !irp dps',
    types,
  ),
  near(
    '!device_info !device_info_from_pdo !dsf !hub_info !hub_info_from_fdo !port_info !ucx_device !ucx_endpoint !ucx_controller !ucx_controller_list !usbanalyze !usbdstatus !usb_tree !xhci_capability !xhci_commandring !xhci_deviceslots !xhci_dumpall !xhci_eventring !xhci_findowner !xhci_info !xhci_registers !xhci_resourceusage !xhci_trb !xhci_transferring !usb3kd',
    'USB 3 drivers',
    '!drvobj !irp dps',
    types,
  ),
  near(
    '!usbhelp !_ehcidd !_ehciep !_ehciframe !_ehciqh !_ehciregs !_ehcisitd !_ehcistq !_ehcitd !_ehcitfer !_ehciitd !doesdumphaveusbdata !isthisdumpasyncissue !urbfunc !usb2 !usb2tree !usbchain !usbdevobj !usbdpc !ehci_info_from_fdo !usbdevh !usbep !usbfaildata !usbhcdext !usbhcdhccontext !usbhcdlist !usbhcdlistlogs !usbhcdlog !usbhcdlogex !usbhcdpnp !usbhcdpow !hub2_info_from_fdo !usbhuberr !usbhubext !usbhubinfo !usbhublog !usbhubmddevext !usbhubmdpd !usbhubpd !usbhubs !usblist !usbpo !usbpdos !usbpdoxls !usbpnp !usbportisasyncadv !usbportmdportlog !usbportmddcontext !usbportmddevext !usbtriage !usbtt !usbtx !usbusb2ep !usbusb2tt !usbver !usbkd',
    'USB 2 drivers',
    '!drvobj !irp dps',
    types,
  ),
  near(
    '!bthdevinfo !bthenuminfo !bthinfo !bthhelp !bthtree !bthusbtransfer !dibflags !hcicmd !hciinterface !l2capinterface !rfcomminfo !rfcommconnection !rfcommchannel !sdpinterface !scointerface !sdpnode !sdpstream !bthkd',
    'Bluetooth drivers',
    '!drvobj !irp dps',
    types,
  ),
  near(
    '!bankinfo !clientlist !gpioext !pininfo !pinisrvec !pintable !gpiokd',
    'GPIO drivers',
    '!drvobj dps',
    types,
  ),
  near('!hidfdo !hidpdo !hidtree !hidrd !hidkd', 'HID drivers', '!drvobj !irp dps', types),
  near(
    '!rcdrhelp !rcdrcrashdump !rcdrlogdump !rcdrloglist !rcdrlogsave !rcdrsearchpath !rcdrsettraceprefix !rcdrtmffile !rcdrtraceprtdebug !rcdrkd',
    'recorder logs of drivers',
    's',
    types,
  ),
  near(
    '!ks !kshelp !pchelp !allstreams !automation !devhdr !dhdr !dumpbag !dumpcircuit !dumplog !dumpqueue !enumdevobj !enumdrvobj !eval !findlive !forcedump !graph !libexts !objhdr !ohdr !pciaudio !pciks !shdr !topology',
    'kernel streaming drivers',
    '!drvobj !irp dps',
    types,
  ),
  near(
    '!disable !dumpmini !dumpminievent !dynamicprint !enable !eventlogdump !logdump !logger !logsave !searchpath !setprefix !start !stop !strdump !tfp !tmffile !traceoperation',
    'traces of drivers',
    's .enumtag',
    'a trace is read with the tools of Windows',
  ),
];
