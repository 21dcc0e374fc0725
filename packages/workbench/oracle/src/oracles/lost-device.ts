// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, passesThroughRole, type RunRecord, type StepRecord } from '@pfo-workbench/run'
import { facilityPath, offeredFacilities } from '../facilities.ts'
import { findingKey } from '../finding-key.ts'
import type { Finding, FindingOf, Oracle } from '../finding.ts'
import { toEvidence } from '../to-evidence.ts'
import { finalSnapshot } from '../snapshots.ts'
import { removedByHand, stepsShortOfMemory } from '../steps-not-judged.ts'
import { brokenSysfs, deviceFiles, fileSubject } from './broken-sysfs.ts'
import { missedSubject, missedUpdate } from './missed-update.ts'
import { staleDevice, staleSubject } from './stale-device.ts'

/** Outcome of loading, for each module that the user requested. */
type Modules = ReadonlyMap<string, 'loaded' | 'refused'>

/** The modules that the user wants loaded, after each step. */
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

/**
 * True if, after a step, the device was last unbound at the user's request, and the user has not requested a driver for
 * it since.
 */
function unboundByHand(run: RunRecord, step: number, device: string): boolean {
  const last = eventsOf(run, 'driver.unbind', 'driver.probe-failed').findLast(
    (event) =>
      event.step <= step &&
      event.device === device &&
      (event.type === 'driver.unbind' || passesThroughRole(run.facts, event.chain, 'bind-request')),
  )
  return last?.type === 'driver.unbind' && passesThroughRole(run.facts, last.chain, 'unbind-request')
}

/** The user's requests, and the steps in which an allocation failed. */
interface Wanted {
  /** The modules that the user wants loaded, after each step. */
  readonly modules: readonly Modules[]
  /** The nodes removed from the tree by the user, by step number. */
  readonly removed: ReadonlyMap<number, ReadonlySet<string>>
  /** The steps in which an allocation failed. */
  readonly short: ReadonlySet<number>
}

type LostDevice = FindingOf<'no-device' | 'driver-gone' | 'driver-not-bound' | 'driver-not-loadable'>

/** The reason why a facility cannot be used. */
type Reason<One extends LostDevice = LostDevice> = One extends LostDevice ? Pick<One, 'kind' | 'data'> : never

/**
 * Returns the reason why a facility offered by firmware is not usable after a step. Null if it is usable, if the user
 * did not ask for it, or if there is an excuse: an allocation failed in the step, or firmware turned the facility off.
 */
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
  // A driver rightly refuses a facility that firmware turned off.
  if (!devices.some(({ enabled }) => enabled)) return null
  if (driverOf(at, device) !== null || unboundByHand(run, at.index, device)) return null
  const before = run.steps.findLastIndex((one, index) => index < step && driverOf(one, device) !== null)
  const isLoaded = (module: string): boolean => modules[step]?.get(module) === 'loaded'
  // It does not matter which module has the driver: all modules that were loaded then are still loaded.
  const hadOne = before >= 0 && [...(modules[before]?.keys() ?? [])].every(isLoaded)
  if (hadOne) return { kind: 'driver-gone', data: { had: driverOf(run.steps[before], device) ?? '?' } }
  const module = run.facts.moduleOf[device] ?? ''
  if (isLoaded(module)) return { kind: 'driver-not-bound', data: { module } }
  const isRefused = modules[step]?.get(module) === 'refused'
  return isRefused ? { kind: 'driver-not-loadable', data: { module } } : null
}

/**
 * Firmware offers a facility, but no device of it works, although its driver is loaded or should be.
 *
 * A bound device works even if its node was detached: drivers call the facility by the number that they read in probe.
 * The detached node is another finding (stale-device). Devices below `/vdevice` are not judged: no migration removes
 * their nodes.
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
        last === undefined ? [] : [toEvidence(run, last, { kind: 'device-lost', data: { event: last.type } })]
      const masks = hiddenBy(run, device)
      return [{ oracle: 'lost-device', ...reason, subject: device, step, count: 1, evidence, masks }]
    })
  },
}

/** Keys of findings that cannot arise without a working device. A patch that loses the device has not fixed them. */
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
