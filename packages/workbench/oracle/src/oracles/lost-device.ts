// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, passesThroughRole, type RunRecord, type StepRecord } from '@pfo-workbench/run'
import { facilityPath, offeredFacilities } from '../facilities.ts'
import { findingKey } from '../finding-key.ts'
import type { Finding, FindingOf, Oracle } from '../finding.ts'
import { proofOf } from '../proof.ts'
import { finalSnapshot } from '../snapshots.ts'
import { removedByHand, stepsShortOfMemory } from '../steps-not-judged.ts'
import { brokenSysfs, deviceFiles, fileSubject } from './broken-sysfs.ts'
import { missedSubject, missedUpdate } from './missed-update.ts'
import { staleDevice, staleSubject } from './stale-device.ts'

/** What became of the modules that a person asked for. */
type Modules = ReadonlyMap<string, 'loaded' | 'refused'>

/** The modules that a person wants loaded, after each step. */
function modulesAfter(run: RunRecord): Modules[] {
  const modules = new Map<string, 'loaded' | 'refused'>()
  const changes = eventsOf(run, 'module.load', 'module.unload')
  return run.steps.map(({ index }) => {
    for (const event of changes) {
      if (event.step !== index) continue
      const { module, result } = event
      if (event.type === 'module.unload' && result === 0) modules.delete(module)
      if (event.type !== 'module.load') continue
      if (result === 0) modules.set(module, 'loaded')
      else if (!modules.has(module)) modules.set(module, 'refused')
    }
    return new Map(modules)
  })
}

function driverOf(step: StepRecord | undefined, device: string): string | null {
  return step?.after.vio.find((one) => one.device === device && one.driver !== null)?.driver ?? null
}

/** Whether a task unbound the device because a person asked for that. */
function unboundByHand(run: RunRecord, device: string): boolean {
  const last = eventsOf(run, 'driver.unbind').findLast((event) => event.device === device)
  return last !== undefined && passesThroughRole(run.facts, last.chain, 'unbind-request')
}

/** What a person asked for, and what could not be had. */
interface Wanted {
  /** The modules that should be loaded, after each step. */
  readonly modules: readonly Modules[]
  /** The nodes that were taken out of the tree, by number of the step. */
  readonly removed: ReadonlyMap<number, ReadonlySet<string>>
  /** The steps in which the kernel could not do all that it should. */
  readonly short: ReadonlySet<number>
}

type LostDevice = FindingOf<'no-device' | 'driver-gone' | 'driver-not-bound' | 'driver-not-loadable'>

/** Why a facility cannot be used. */
type Reason<One extends LostDevice = LostDevice> = One extends LostDevice ? Pick<One, 'kind' | 'data'> : never

/** Why a facility that firmware offers cannot be used at a step; null if it can, or if a person wanted it so. */
function whyLost(
  run: RunRecord,
  { modules, removed, short }: Wanted,
  step: number,
  device: string,
): Reason | null {
  const at = run.steps[step]
  if (at === undefined || !offeredFacilities(run.facts, at.after).includes(device) || short.has(at.index))
    return null
  if (removed.get(at.index)?.has(facilityPath(run.facts, device)) === true) return null
  const devices = at.after.vio.filter((one) => one.device === device)
  if (devices.length === 0) return { kind: 'no-device', data: {} }
  // A driver that takes no facility that firmware turned off is right.
  if (!devices.some(({ enabled }) => enabled)) return null
  if (driverOf(at, device) !== null || unboundByHand(run, device)) return null
  const before = run.steps.findLastIndex((one, index) => index < step && driverOf(one, device) !== null)
  const isLoaded = (module: string): boolean => modules[step]?.get(module) === 'loaded'
  // Whatever module its driver is in: none of those that were loaded then has been unloaded since.
  const hadOne = before >= 0 && [...(modules[before]?.keys() ?? [])].every(isLoaded)
  if (hadOne) return { kind: 'driver-gone', data: { had: driverOf(run.steps[before], device) ?? '?' } }
  const module = run.facts.moduleOf[device] ?? ''
  if (isLoaded(module)) return { kind: 'driver-not-bound', data: { module } }
  const isRefused = modules[step]?.get(module) === 'refused'
  return isRefused ? { kind: 'driver-not-loadable', data: { module } } : null
}

/**
 * Firmware offers a facility and no device of it works, although its driver is loaded, or should be.
 *
 * A device that is bound works, even on a node that was detached: drivers call the facility by the number they read when
 * they were bound. That its node is gone is another finding (stale-device). Devices below `/vdevice` are not judged: no
 * migration takes their nodes away.
 */
export const lostDevice: Oracle = {
  id: 'lost-device',
  title: 'firmware offers a facility that has no working vio device',
  examine(run) {
    const wanted = { modules: modulesAfter(run), removed: removedByHand(run), short: stepsShortOfMemory(run) }
    return offeredFacilities(run.facts, finalSnapshot(run)).flatMap((device): Finding[] => {
      const reasons = run.steps.map((_, step) => whyLost(run, wanted, step, device))
      const reason = reasons.at(-1) ?? null
      if (reason === null) return []
      const step = run.steps[reasons.lastIndexOf(null) + 1]?.index ?? 0
      const last = eventsOf(run, 'device.unregister', 'driver.unbind').findLast(
        (event) => device === (event.type === 'driver.unbind' ? event.device : event.name),
      )
      const evidence =
        last === undefined ? [] : [proofOf(run, last, { kind: 'device-lost', data: { event: last.type } })]
      const masks = hiddenBy(run, device)
      return [{ oracle: 'lost-device', ...reason, subject: device, step, count: 1, evidence, masks }]
    })
  },
}

/**
 * What cannot be said of a facility without a working device, for want of a device or of a driver. Who takes it away has
 * mended none of this.
 */
function hiddenBy(run: RunRecord, device: string): string[] {
  const changed = run.steps
    .flatMap(({ changes }) => changes)
    .filter(({ node }) => node === facilityPath(run.facts, device))
    .map(({ property }) => ({ oracle: missedUpdate.id, subject: missedSubject(device, property) }))
  const isThere = finalSnapshot(run).vio.some((one) => one.device === device)
  const ofTheDevice = [
    ...(['node', 'memory'] as const).map((what) => ({
      oracle: staleDevice.id,
      subject: staleSubject(device, what),
    })),
    ...deviceFiles.map((file) => ({ oracle: brokenSysfs.id, subject: fileSubject(device, file) })),
  ]
  return [...new Set([...(isThere ? [] : ofTheDevice), ...changed].map(findingKey))]
}
