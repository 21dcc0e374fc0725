// SPDX-License-Identifier: GPL-2.0-only
import { Partition } from '@pfo-workbench/powervm'
import type { Scenario } from '@pfo-workbench/run'

/**
 * The firmware under the machine of a scenario.
 *
 * @throws FdtError if the device tree is damaged
 * @throws PartitionError if it does not go together with what the scenario asks for
 */
export function partitionOf({ config, devicetree, partition = {} }: Scenario['machine']): Partition {
  return new Partition({
    endian: config.endian ?? 'little',
    ...partition,
    ...(devicetree === null ? {} : { blob: Uint8Array.from(devicetree) }),
  })
}
