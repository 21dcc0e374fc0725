// SPDX-License-Identifier: GPL-2.0-only
import type { Partition } from '@pfo-workbench/powervm'
import type { Migration, PropertyUpdate, Step, StepResult, BootedKernel } from '@pfo-workbench/run'
import { changeOf } from './update.ts'

/** The kernel and the firmware that steps act on. */
export interface SteppedMachine {
  readonly kernel: BootedKernel
  readonly partition: Partition
}

/** Plays one step. In the result, a null errno means that the task did not return. */
export function playStep(step: Step, played: SteppedMachine): StepResult {
  const { kernel } = played
  if ('load' in step)
    return {
      kind: 'load',
      modules: step.load.map((module) => ({ module, errno: errnoOf(kernel.insmod(module)) })),
    }
  if ('unload' in step)
    return {
      kind: 'unload',
      modules: step.unload.map((module) => ({ module, errno: errnoOf(kernel.rmmod(module)) })),
    }
  if ('migrate' in step) return { kind: 'migrate', errno: migrate(step.migrate, played) }
  if ('update' in step) return { kind: 'update', errno: update(step.update, played) }
  if ('lookup' in step)
    return {
      kind: 'lookup',
      lookups: step.lookup.map((target) => ({ target, found: kernel.lookup(target) })),
    }
  // The injected failure applies to the next step.
  if ('fail' in step) return { kind: 'fail' }
  if ('firmware' in step) {
    played.partition.scriptStatuses(step.firmware.statuses)
    return { kind: 'firmware' }
  }
  if ('ofdt' in step)
    return {
      kind: 'ofdt',
      writes: step.ofdt.map((command) => ({
        command,
        errno: errnoOf(kernel.write('/proc/powerpc/ofdt', command)),
      })),
    }
  if ('read' in step) return { kind: 'read', files: step.read.map((path) => read(path, kernel)) }
  return { kind: 'write', errno: errnoOf(kernel.write(step.write.path, step.write.data)) }
}

/** Maps positive results to 0: on success some calls return a number of bytes, which is of no interest. */
function errnoOf(result: number | null): number | null {
  return result === null || result < 0 ? result : 0
}

function migrate(plan: Migration, { kernel, partition }: SteppedMachine): number | null {
  partition.prepareMigration(plan)
  return errnoOf(kernel.migrate())
}

/**
 * Firmware changes the property, and the kernel fetches the change: as after a migration, or as the work item of a PRRN
 * event does.
 */
function update(wanted: PropertyUpdate, { kernel, partition }: SteppedMachine): number | null {
  const changes = [changeOf(wanted)]
  if (wanted.by === 'prrn') {
    partition.updateProperties(changes, 'prrn')
    return errnoOf(kernel.updateTree())
  }
  partition.prepareMigration({ deletes: [], adds: [], changes })
  return errnoOf(kernel.migrate())
}

function read(path: string, kernel: BootedKernel): Extract<StepResult, { kind: 'read' }>['files'][number] {
  const result = kernel.read(path)
  return typeof result === 'string'
    ? { path, content: result, errno: 0 }
    : { path, content: null, errno: errnoOf(result) }
}
