import { type CaseRows, group, type Parameter } from '../entry.ts';
import { address } from '../parameters.ts';

const condition = address('text of the violated condition');
const state = address('state of the rule: second argument of !ruleinfo');
const more = address('further state: third argument of !ruleinfo');

/** Rules that say no more than the condition. */
const bare = `
20022 IrqlIoDispatch
20023 IrqlIoRtlZwPassive
20024 IrqlNtifsApcPassive
20025 IrqlKeMore
4100b RequestedPowerIrp
43006 PnpRemove
71001 PcIrqlDDIs
71003 PcIrqlIport
71007 PcAddAdapterDevice
71008 PcPropertyRequest
71009 PcAllocateAndMapPages
7100a PcPoRequestPowerIrp
81003 KsStreamPointerLock
81005 KsCallbackReturn
81009 KsIrqlDDIs
93101 WlanAssert`;

/** Rules that may name variables of theirs. */
const withVariables = `
20002 IrqlApcLte
20003 IrqlDispatch
20004 IrqlExAllocatePool
20005 IrqlExApcLte1
20006 IrqlExApcLte2
20007 IrqlExApcLte3
20008 IrqlExPassive
20009 IrqlIoApcLte
2000a IrqlIoPassive1
2000b IrqlIoPassive2
2000c IrqlIoPassive3
2000d IrqlIoPassive4
2000e IrqlIoPassive5
2000f IrqlKeApcLte1
20010 IrqlKeApcLte2
20011 IrqlKeDispatchLte
20015 IrqlKeReleaseSpinLock
20016 IrqlKeSetEvent
20019 IrqlMmApcLte
2001a IrqlMmDispatch
2001b IrqlObPassive
2001c IrqlPsPassive
2001e IrqlRtlPassive
2001f IrqlZwPassive`;

/** Rules with a state that !ruleinfo of the Windows debugger shows. */
const withState = `
2001d IrqlReturn
40003 CriticalRegions
40006 QueuedSpinLock
40007 QueuedSpinLockRelease
40009 SpinLock
4000a SpinlockRelease
4000e GuardedRegions
4100f IoSetCompletionExCompleteIrp
71004 PcUnmapAllocatedPages
71005 PcAllocatedPages
71006 PcRegisterAdapterPower
72001 PcTimedWaveRtStreamSetState
81001 KsDeviceMutex
81002 KsStreamPointerClone
81004 KsStreamPointerUnlock
81006 KsIrqlDeviceCallbacks
81007 KsIrqlFilterCallbacks
81008 KsIrqlPinCallbacks
8100a KsFilterMutex
8100b KsProcessingMutex
8100c KsInvalidStreamPointer
82001 KsTimedPinSetDeviceState
82002 KsTimedDeviceCallbacks
82003 KsTimedFilterCallbacks
82004 KsTimedPinCallbacks
82005 KsTimedProcessingMutex
91001 NdisOidComplete
91002 NdisOidDoubleComplete
9100e NdisOidDoubleRequest
92003 NdisTimedOidComplete
9200d NdisTimedDataSend
9200f NdisTimedDataHang
92010 NdisFilterTimedPauseComplete
92011 NdisFilterTimedDataSend
92012 NdisFilterTimedDataReceive
93004 WlanAssociation
93005 WlanConnectionRoaming
93006 WlanDisassociation
94007 WlanTimedAssociation
94008 WlanTimedConnectionRoaming
94009 WlanTimedConnectRequest
9400b WlanTimedLinkQuality
9400c WlanTimedScan`;

const ruleRows = (table: string, ...others: Parameter[]): CaseRows =>
  Object.fromEntries(
    table
      .trim()
      .split('\n')
      .map((line) => {
        const [code = '', rule = ''] = line.split(' ');
        return [Number.parseInt(code, 16), [`compliance rule ${rule} violated`, ...others]];
      }),
  );

/** 0xC4 and 0x1C4: rules of the Windows driver interface, by their documented numbers. */
export const verifierRules = group('no', {
  ...ruleRows(bare, condition),
  ...ruleRows(withVariables, condition, address("the rule's variables, if any")),
  ...ruleRows(withState, condition, state, more),
});
