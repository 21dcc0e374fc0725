// SPDX-License-Identifier: GPL-2.0-only
import { errnoName, type Machine } from '@pfo-workbench/kernel'
import { of_find_node_by_path, of_find_node_by_phandle, of_node_put } from '@pfo-workbench/of'
import type { Partition } from '@pfo-workbench/powervm'
import { PRRN_SCOPE, pseries_devicetree_update } from '@pfo-workbench/pseries'
import { describeTarget, type PropertyUpdate, type Step } from './scenario.ts'
import { changeOf } from './update.ts'

/** What can be done to a machine: its kernel, and the firmware under it. */
export interface Played {
  readonly machine: Machine
  readonly partition: Partition
}

/**
 * Does one step.
 *
 * @returns what came back, for people
 */
export function playStep(step: Step, played: Played): string {
  const { machine } = played
  if ('load' in step) return each(step.load, (name) => machine.insmod(name))
  if ('unload' in step) return each(step.unload, (name) => machine.rmmod(name))
  if ('migrate' in step) return migrate(step.migrate, played)
  if ('update' in step) return update(step.update, played)
  if ('lookup' in step) return step.lookup.map((target) => lookup(target, machine)).join(', ')
  // It is for who plays the next step.
  if ('fail' in step) return 'ok'
  if ('ofdt' in step) return each(step.ofdt, (command) => machine.write('/proc/powerpc/ofdt', command))
  if ('read' in step) return each(step.read, (path) => machine.read(path))
  return describeResult(machine.write(step.write.path, step.write.data))
}

function migrate(
  plan: Extract<Step, { migrate: unknown }>['migrate'],
  { machine, partition }: Played,
): string {
  partition.prepareMigration(plan)
  return describeResult(machine.migrate())
}

/** Firmware changes the property; then the kernel asks what changed, as after a migration or as the PRRN event's work does. */
function update(wanted: PropertyUpdate, { machine, partition }: Played): string {
  const changes = [changeOf(wanted)]
  if (wanted.by === 'prrn') {
    partition.updateProperties(changes, 'prrn')
    return describeResult(machine.task('kworker', () => pseries_devicetree_update(PRRN_SCOPE)))
  }
  partition.prepareMigration({ deletes: [], adds: [], changes })
  return describeResult(machine.migrate())
}

function lookup(target: string | number, machine: Machine): string {
  const found = machine.task('lookup', () => lookup_user(target))
  return `${describeTarget(target)}: ${found ?? 'did not return'}`
}

/**
 * Not of the kernel: stands for any code of it that looks a node up and, as it should, puts the reference when it is done.
 * It has a name as kernel functions have, so that call chains show who asked.
 */
function lookup_user(target: string | number): string {
  const np = typeof target === 'string' ? of_find_node_by_path(target) : of_find_node_by_phandle(target)
  if (np === null) return 'not found'
  of_node_put(np)
  return 'found'
}

function each(items: readonly string[], act: (item: string) => string | number | null): string {
  return items.map((item) => `${item}: ${describeResult(act(item))}`).join(', ')
}

/** A negative number is an errno; null means that the task did not come back. */
function describeResult(result: string | number | null): string {
  if (result === null) return 'did not return'
  if (typeof result === 'string') return JSON.stringify(result)
  return result < 0 ? errnoName(result) : 'ok'
}
