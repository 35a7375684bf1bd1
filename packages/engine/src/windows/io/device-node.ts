import type { Va } from '../../base/index.ts';
import type { ObjectKernel } from '../objects/index.ts';

/** A node of the device tree, as far as its names go. */
export interface DeviceNode {
  readonly address: Va;
  /** `USB\VID_...`; undefined: not in the dump, or its place is not known. */
  readonly instancePath: string | undefined;
  readonly serviceName: string | undefined;
}

export function readDeviceNode({ structures }: ObjectKernel, address: Va): DeviceNode {
  if (structures.find('_DEVICE_NODE') === undefined)
    return { address, instancePath: undefined, serviceName: undefined };
  const node = structures.at('_DEVICE_NODE', address);
  return {
    address,
    instancePath: node.unicodeString('InstancePath'),
    serviceName: node.unicodeString('ServiceName'),
  };
}
