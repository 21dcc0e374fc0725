// SPDX-License-Identifier: GPL-2.0-only
import type {
  FirmwareChange,
  RunEvent,
  RunRecord,
  Snapshot,
  StepRecord,
  VioDeviceState,
} from '@pfo-workbench/scenario'
import type { Finding, Oracle } from './finding.ts'
import { field, groupEvents, times } from './group.ts'
import { callersOf } from './ledger.ts'
import { finalSnapshot, heldSince, removedByHand, stepsShortOfMemory } from './names.ts'

const FACILITIES = '/ibm,platform-facilities/'

/** Names of the facilities that firmware offers: a vio device has its node's name. */
function offered({ firmware }: Snapshot): string[] {
  return firmware
    .filter((path) => path.startsWith(FACILITIES) && !path.slice(FACILITIES.length).includes('/'))
    .map((path) => path.slice(FACILITIES.length))
}

/** The modules that are loaded after each step. */
function loadedAfter(run: RunRecord): ReadonlySet<string>[] {
  const loaded = new Set<string>()
  return run.steps.map(({ index }) => {
    for (const event of run.events) {
      if (event.step !== index || event['result'] !== 0) continue
      if (event.type === 'module.load') loaded.add(field(event, 'module'))
      if (event.type === 'module.unload') loaded.delete(field(event, 'module'))
    }
    return new Set(loaded)
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
  /** The modules that are loaded after each step. */
  readonly loaded: readonly ReadonlySet<string>[]
  /** The nodes that were taken out of the tree, by number of the step. */
  readonly removed: ReadonlyMap<number, ReadonlySet<string>>
  /** The steps in which the kernel could not do all that it should. */
  readonly short: ReadonlySet<number>
}

/** Why a facility that firmware offers cannot be used at a step; null if it can, or if a person wanted it so. */
function whyLost(
  run: RunRecord,
  { loaded, removed, short }: Wanted,
  step: number,
  device: string,
): string | null {
  const at = run.steps[step]
  if (at === undefined || !offered(at.after).includes(device) || short.has(at.index)) return null
  if (removed.get(at.index)?.has(FACILITIES + device) === true) return null
  if (!at.after.vio.some((one) => one.device === device)) return 'no vio device'
  if (driverOf(at, device) !== null || unboundByHand(run, device)) return null
  const before = run.steps.findLastIndex((one, index) => index < step && driverOf(one, device) !== null)
  const stillThere = [...(loaded[before] ?? [])].every((module) => loaded[step]?.has(module) === true)
  return before >= 0 && stillThere ? `no driver; it had ${driverOf(run.steps[before], device) ?? '?'}` : null
}

/**
 * Firmware offers a facility and no device of it works, although its driver is loaded.
 *
 * A device that is bound works, even on a node that was detached: drivers call the facility by the number they read when
 * they were bound. That its node is gone is another finding (stale-device). Devices below `/vdevice` are not judged: no
 * migration takes their nodes away.
 */
export const lostDevice: Oracle = {
  id: 'lost-device',
  title: 'firmware offers a facility that has no working vio device',
  examine(run) {
    const wanted = { loaded: loadedAfter(run), removed: removedByHand(run), short: stepsShortOfMemory(run) }
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
      return [
        { subject: device, step, count: 1, message: `firmware offers it: ${reason}`, evidence: proof(last) },
      ]
    })
  },
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

const files = ['name', 'devspec', 'modalias', 'of_node'] as const

/** The first state of a device. */
function firstOf(run: RunRecord, object: string): VioDeviceState | undefined {
  return run.steps.map(({ after }) => find(after, object)).find((one) => one !== undefined)
}

/** A link in a device's directory leads nowhere, or a file does not give what it gave when the device came. */
export const brokenSysfs: Oracle = {
  id: 'broken-sysfs',
  title: 'a dangling link, or an attribute that no longer reads as it should',
  examine(run) {
    return finalSnapshot(run).vio.flatMap(({ object, device, files: now }) => {
      const first = firstOf(run, object)?.files
      if (first === undefined) return []
      return files.flatMap((file) => {
        if (now[file] === first[file]) return []
        const since = heldSince(run, (state) => find(state, object)?.files[file] !== first[file])
        const message =
          file === 'of_node'
            ? 'the link leads nowhere'
            : `gives ${JSON.stringify(now[file])}, gave ${JSON.stringify(first[file])} when the device came`
        return [{ subject: `${device}/${file}`, step: since?.index ?? 0, count: 1, message, evidence: [] }]
      })
    })
  },
}
