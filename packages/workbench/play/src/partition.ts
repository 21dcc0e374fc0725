// SPDX-License-Identifier: GPL-2.0-only
import { Partition } from '@pfo-workbench/powervm'
import type { Scenario } from '@pfo-workbench/run'

/**
 * Creates the firmware of a scenario's machine.
 *
 * @param endian - byte order of the kernel
 * @throws FdtError if the device tree is damaged
 * @throws PartitionError if the device tree does not support the settings of the scenario
 */
export function partitionOf(
  { config, devicetree, partition = {} }: Scenario['machine'],
  endian: 'big' | 'little' = config.endian ?? 'little',
): Partition {
  return new Partition({
    endian,
    ...partition,
    ...(devicetree === null ? {} : { blob: Uint8Array.from(devicetree) }),
  })
}
