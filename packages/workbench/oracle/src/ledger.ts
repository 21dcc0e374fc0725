// SPDX-License-Identifier: GPL-2.0-only
import type { RunEvent } from '@pfo-workbench/scenario'

/**
 * Functions that take or drop a reference on behalf of their caller. The first function of a call chain that is not one
 * of them is who holds the reference.
 */
const onBehalf =
  /^(kobject_(init|get|put)|kref_|refcount_|of_node_(get|put)|__?of_(find|get)_|of_(find|get)_|of_parse_phandle|get_device|put_device)/

/** Who drops, by convention, what another function took: the ledger of references of the kernel's OF and VIO code. */
const counterparts: Readonly<Record<string, readonly string[]>> = {
  __of_detach_node_sysfs: ['of_node_init'],
  kobject_del: ['kobject_add_internal'],
  vio_dev_release: ['vio_register_device_node'],
}

/** The function that a reference was taken or dropped for. */
export function holderOf(chain: readonly string[]): string {
  return chain.find((name) => !onBehalf.test(name)) ?? chain[0] ?? '?'
}

/** Functions that carry out or report what their caller did: of no interest as the innermost of a chain. */
const carriers =
  /^(kobject_(init|get|put)|of_node_(get|put)|refcount_\w+|warn_slowpath_fmt|WARN(_ON|_ONCE)?|printk|pr_\w+|dev_\w+|dump_stack)$/

/** A call chain from the first function on that did something of its own. */
export function callersOf(chain: readonly string[]): readonly string[] {
  const first = chain.findIndex((name) => !carriers.test(name))
  return first < 0 ? chain : chain.slice(first)
}

/** A drop of a reference that its dropper had not taken, nor anybody for it. */
export interface ForeignPut {
  readonly put: RunEvent
  /** The reference it took away, if there was one. */
  readonly taken: RunEvent | null
}

/** The references on one object that are still held, and the drops that hit somebody else's. */
export interface Ledger {
  readonly outstanding: readonly RunEvent[]
  readonly foreign: readonly ForeignPut[]
}

/**
 * Matches every drop of a reference on an object with the taking it undoes: the holder's own, else the one that
 * convention says, else the latest -- and then it was somebody else's.
 *
 * @param events - `ref.get` and `ref.put` events of one object, in order
 */
export function balance(events: readonly RunEvent[]): Ledger {
  const outstanding: RunEvent[] = []
  const foreign: ForeignPut[] = []
  for (const event of events) {
    if (event.type === 'ref.get') {
      outstanding.push(event)
      continue
    }
    const dropper = holderOf(event.chain)
    const rightful = new Set([dropper, ...(counterparts[dropper] ?? [])])
    const own = outstanding.findLastIndex((get) => rightful.has(holderOf(get.chain)))
    if (own >= 0) {
      outstanding.splice(own, 1)
    } else {
      foreign.push({ put: event, taken: outstanding.pop() ?? null })
    }
  }
  return { outstanding, foreign }
}
