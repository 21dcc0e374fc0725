// SPDX-License-Identifier: GPL-2.0-only
import type {
  FirmwareChange,
  RunEvent,
  RunRecord,
  Snapshot,
  StepRecord,
  VioDeviceState,
} from '@pfo-workbench/scenario'
import { detachOf } from './detached.ts'
import { findingKey, type Finding, type Oracle } from './finding.ts'
import { field, groupEvents, times } from './group.ts'
import { callersOf } from './ledger.ts'
import { finalSnapshot, heldSince, removedByHand, stepsShortOfMemory } from './names.ts'

const FACILITIES = '/ibm,platform-facilities/'

/** The files of a device that are looked at. */
const files = ['name', 'devspec', 'modalias', 'of_node'] as const

/** Names of the facilities that firmware offers: a vio device has its node's name. */
function offered({ firmware }: Snapshot): string[] {
  return firmware
    .filter((path) => path.startsWith(FACILITIES) && !path.slice(FACILITIES.length).includes('/'))
    .map((path) => path.slice(FACILITIES.length))
}

/** The module whose driver serves a facility. */
const servedBy: Readonly<Record<string, string>> = {
  'ibm,random-v1': 'pseries_rng',
  'ibm,compression-v1': 'nx_compress_pseries',
  'ibm,sym-encryption-v1': 'nx_crypto',
}

/** What became of the modules that a person asked for. */
type Modules = ReadonlyMap<string, 'loaded' | 'refused'>

/** The modules that a person wants loaded, after each step. */
function modulesAfter(run: RunRecord): Modules[] {
  const modules = new Map<string, 'loaded' | 'refused'>()
  const changes = run.events.filter(({ type }) => type === 'module.load' || type === 'module.unload')
  return run.steps.map(({ index }) => {
    for (const event of changes) {
      if (event.step !== index) continue
      const module = field(event, 'module')
      if (event.type === 'module.unload' && event['result'] === 0) modules.delete(module)
      if (event.type !== 'module.load') continue
      if (event['result'] === 0) modules.set(module, 'loaded')
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
  const last = run.events.findLast(
    (event) => event.type === 'driver.unbind' && field(event, 'device') === device,
  )
  return last?.chain.includes('unbind_store') === true
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

/** Why a facility that firmware offers cannot be used at a step; null if it can, or if a person wanted it so. */
function whyLost(
  run: RunRecord,
  { modules, removed, short }: Wanted,
  step: number,
  device: string,
): string | null {
  const at = run.steps[step]
  if (at === undefined || !offered(at.after).includes(device) || short.has(at.index)) return null
  if (removed.get(at.index)?.has(FACILITIES + device) === true) return null
  const devices = at.after.vio.filter((one) => one.device === device)
  if (devices.length === 0) return 'no vio device'
  // A driver that takes no facility that firmware turned off is right.
  if (!devices.some(({ enabled }) => enabled)) return null
  if (driverOf(at, device) !== null || unboundByHand(run, device)) return null
  const before = run.steps.findLastIndex((one, index) => index < step && driverOf(one, device) !== null)
  const isLoaded = (module: string): boolean => modules[step]?.get(module) === 'loaded'
  const hadOne = before >= 0 && [...(modules[before]?.keys() ?? [])].every(isLoaded)
  if (hadOne) return `no driver; it had ${driverOf(run.steps[before], device) ?? '?'}`
  const module = servedBy[device] ?? ''
  if (isLoaded(module)) return `no driver, although ${module} is loaded`
  return modules[step]?.get(module) === 'refused' ? `no driver: ${module} cannot be loaded` : null
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
    return offered(finalSnapshot(run)).flatMap((device) => {
      const reasons = run.steps.map((_, step) => whyLost(run, wanted, step, device))
      const reason = reasons.at(-1) ?? null
      if (reason === null) return []
      const step = run.steps[reasons.lastIndexOf(null) + 1]?.index ?? 0
      const types = ['device.unregister', 'driver.unbind']
      const last = run.events.findLast(
        (event) =>
          types.includes(event.type) &&
          device === field(event, event.type === 'driver.unbind' ? 'device' : 'name'),
      )
      const message = `firmware offers it: ${reason}`
      return [
        { subject: device, step, count: 1, message, evidence: proof(last), masks: hiddenBy(run, device) },
      ]
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
    .filter(({ node }) => node === FACILITIES + device)
    .map(({ property }) => ({ oracle: 'missed-update', subject: `${device} ${property}` }))
  const isThere = finalSnapshot(run).vio.some((one) => one.device === device)
  const ofTheDevice = [
    ...[device, `${device} to freed memory`].map((subject) => ({ oracle: 'stale-device', subject })),
    ...files.map((file) => ({ oracle: 'broken-sysfs', subject: `${device}/${file}` })),
  ]
  return [...new Set([...(isThere ? [] : ofTheDevice), ...changed].map(findingKey))]
}

function proof(event: RunEvent | undefined): Finding['evidence'] {
  if (event === undefined) return []
  return [{ text: `last taken away by ${event.type}`, chain: callersOf(event.chain), seq: event.seq }]
}

/** Whether a device was bound again in the step in which it was unbound for the last time. */
function boundAgain(run: RunRecord, unbound: readonly RunEvent[], device: string): boolean {
  const last = unbound.findLast((event) => field(event, 'device') === device)
  return run.events.some(
    (event) =>
      event.type === 'driver.bind' &&
      event.step === last?.step &&
      event.seq > last.seq &&
      field(event, 'device') === device,
  )
}

/**
 * A bound driver was unbound by what firmware told, although its facility is there before and after.
 *
 * In a migration firmware does tell that the node is deleted and added. But its own tree has the facility before the
 * partition is suspended and after it is resumed, and never lacks it while the kernel runs: what is deleted and added is
 * its description. Whoever used the facility could have gone on; unbound, its driver turns users away until it is bound
 * again, if it is.
 */
export const interruption: Oracle = {
  id: 'interruption',
  title: 'a bound driver was unbound although its facility never went away',
  examine(run) {
    const told = new Set(run.events.filter(({ type }) => type === 'rtas.call').map(({ step }) => step))
    const offers = (step: number, device: string): boolean => {
      const at = run.steps.find(({ index }) => index === step)
      // A step that did not come to its end left no state; firmware's tree is as before it.
      return at === undefined || offered(at.after).includes(device)
    }
    const unbound = run.events.filter((event) => {
      if (event.type !== 'driver.unbind' || !told.has(event.step)) return false
      const device = field(event, 'device')
      return offers(event.step - 1, device) && offers(event.step, device)
    })
    return groupEvents(
      unbound,
      (event) => field(event, 'device'),
      (first, count) =>
        `driver ${field(first, 'driver')} was unbound${times(count)}, and ${boundAgain(run, unbound, field(first, 'device')) ? 'bound again' : 'not bound again'}; firmware has the facility as before`,
      () => 'unbound by',
    )
  },
}

function find(snapshot: Snapshot, object: string): VioDeviceState | undefined {
  return snapshot.vio.find((one) => one.object === object)
}

/** Whether a state has a property with firmware's new value at the node of a device, without its driver having followed. */
function notTaken(
  run: RunRecord,
  change: FirmwareChange & { readonly step: number },
  now: VioDeviceState,
): boolean {
  const before = run.steps.findLast(({ index }) => index < change.step)
  const then = before === undefined ? undefined : find(before.after, now.object)
  return then?.settings != null && then.driver === now.driver && then.settings === now.settings
}

/** Why a bound driver does not know of a change; null if it does. */
function whyMissed(run: RunRecord, change: FirmwareChange & { readonly step: number }, now: VioDeviceState) {
  const { driver } = now
  if (driver === null) return null
  if (now.outdated.includes(change.property)) return `the node that ${driver} uses still has the old value`
  return notTaken(run, change, now) ? `${driver} goes on with what it made of the old value` : null
}

/** Firmware changed a property, and the driver of the node's device knows nothing of it at the end. */
export const missedUpdate: Oracle = {
  id: 'missed-update',
  title: 'firmware changed a property and the bound driver never saw it',
  examine(run) {
    const final = finalSnapshot(run)
    const changes = run.steps.flatMap(({ index, changes }) => changes.map((one) => ({ ...one, step: index })))
    // Of several changes of a property only the last one can be seen.
    const last = new Map(changes.map((change) => [`${change.node} ${change.property}`, change]))
    return [...last.values()].flatMap((change) =>
      final.vio.flatMap((device) => {
        const node = final.nodes.find(({ object }) => object === device.node)
        const why = node?.path === change.node ? whyMissed(run, change, device) : null
        if (why === null) return []
        const subject = `${device.device} ${change.property}`
        return [
          { subject, step: change.step, count: 1, message: `firmware changed it; ${why}`, evidence: [] },
        ]
      }),
    )
  },
}

/** The first state of a device. */
function firstOf(run: RunRecord, object: string): VioDeviceState | undefined {
  return run.steps.map(({ after }) => find(after, object)).find((one) => one !== undefined)
}

/** A link in a device's directory leads nowhere, or a file does not give what it gave when the device came. */
export const brokenSysfs: Oracle = {
  id: 'broken-sysfs',
  title: 'a dangling link, or an attribute that no longer reads as it should',
  examine(run) {
    return finalSnapshot(run).vio.flatMap(({ object, device, node, files: now }) => {
      const first = firstOf(run, object)?.files
      if (first === undefined) return []
      return files.flatMap((file) => {
        if (now[file] === first[file]) return []
        const since = heldSince(run, (state) => find(state, object)?.files[file] !== first[file])
        const message =
          file === 'of_node'
            ? 'the link leads nowhere'
            : `gives ${JSON.stringify(now[file])}, gave ${JSON.stringify(first[file])} when the device came`
        const evidence = node === null ? [] : detachOf(run, node)
        return [{ subject: `${device}/${file}`, step: since?.index ?? 0, count: 1, message, evidence }]
      })
    })
  },
}
