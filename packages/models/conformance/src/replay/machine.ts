// SPDX-License-Identifier: GPL-2.0-only
import { bootMachine, currentMachine, type Machine, type Subsystem } from '@pfo-workbench/kernel'
import { nx842Module } from '@pfo-workbench/nx-842'
import { nxCryptoModule } from '@pfo-workbench/nx-crypto'
import { ofCore } from '@pfo-workbench/of'
import type { Partition } from '@pfo-workbench/powervm'
import { pseriesPlatform } from '@pfo-workbench/pseries'
import { pseriesRngModule } from '@pfo-workbench/pseries-rng'
import { vio } from '@pfo-workbench/vio'
import type { ReplayJob } from '../job.ts'
import { recordedPartition } from './partition.ts'
import { hvcConsole } from './hvc-console.kernel.ts'
import { dynamicNodes } from './dynamic-nodes.ts'

/** A machine like the recorded one, and its firmware. */
export interface RecordedMachine {
  readonly machine: Machine
  readonly partition: Partition
  /** Number of the first event that the observer could see. The observer starts just before `of_core_init`. */
  readonly observedFrom: number
}

/** Boots the machine for a job, with the configuration of the recorded kernel. */
export function bootRecordedMachine(job: ReplayJob): RecordedMachine {
  const { partition, devicetree, dynamic } = recordedPartition(job)
  let observedFrom = 0
  const observer: Subsystem = {
    name: 'observer',
    initcalls: [{ level: 'driver_init', fn: () => void (observedFrom = currentMachine().events.length) }],
  }
  const subsystems: Subsystem[] = [observer, ofCore]
  if (dynamic.length > 0) subsystems.push(dynamicNodes(dynamic))
  const machine = bootMachine({
    config: { slubPoison: job.slubPoison },
    devicetree,
    firmware: partition,
    subsystems: [...subsystems, pseriesPlatform, vio, hvcConsole],
    modules: [pseriesRngModule, nx842Module, nxCryptoModule],
  })
  return { machine, partition, observedFrom }
}
