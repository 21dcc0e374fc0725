// SPDX-License-Identifier: GPL-2.0-only
import type { CallChain, KernelEvent } from '@pfo-workbench/kernel'
import type { TaskEvents, ReplayedLifeEvent, ReplayedReference, ReplayedStep } from '../facts.ts'
import { reportsOf } from './reports.ts'
import type { RecordedKernel } from './recorded-kernel.ts'
import type { TrackedNode, TrackedNodes } from './tracked-nodes.ts'

/** The events of a step in the format of the recordings. */
export type StepEvents = TaskEvents & Pick<ReplayedStep, 'worker'>

/** A word of poison, as the observer prints it. */
const poisonWord = '0x6b6b6b6b'

/** Reads the events of a kernel step by step. */
export class StepEventReader {
  readonly #kernel: RecordedKernel
  readonly #nodes: TrackedNodes
  #next = 0

  constructor(kernel: RecordedKernel, nodes: TrackedNodes) {
    this.#kernel = kernel
    this.#nodes = nodes
  }

  /** The events since the last call. */
  read(): StepEvents {
    this.#nodes.refresh()
    const { events: all } = this.#kernel
    const events = all.slice(this.#next)
    this.#next = all.length
    const isWorker = ({ task }: KernelEvent): boolean => task.startsWith('kworker')
    // Workers run at the end of a step, so each half is in order.
    const own = this.#happeningsOf(events.filter((event) => !isWorker(event)))
    return { ...own, worker: this.#happeningsOf(events.filter(isWorker)) }
  }

  #happeningsOf(events: readonly KernelEvent[]): TaskEvents {
    const refs: ReplayedReference[] = []
    const lifecycle: ReplayedLifeEvent[] = []
    const freedReads: { node: string; value: string }[] = []
    for (const event of events) {
      const node = 'object' in event ? this.#nodes.byObject(event.object) : undefined
      if (node === undefined) continue
      const reference = referenceOf(event, node)
      if (reference !== undefined && event.seq >= this.#kernel.observedFrom) refs.push(reference)
      lifecycle.push(...this.#lifeEventsOf(event, node))
      if (event.type === 'use-after-free' && event.field === 'phandle') {
        freedReads.push({ node: node.id, value: this.#handleIn(node) })
      }
    }
    const console = events.flatMap((event) => (event.type === 'printk' ? [event.text] : []))
    const calls = events.flatMap((event) => (event.type === 'mobility.entry' ? [this.#callOf(event)] : []))
    return { console, refs, lifecycle, freedReads, reports: reportsOf(events), calls }
  }

  #callOf({ action, phandle, drcIndex, result }: KernelEvent<'mobility.entry'>): string {
    const handle = phandle === this.#nodes.rootHandle ? 'root' : hexWord(phandle)
    const what = drcIndex === null ? handle : `parent ${handle}, drc ${hexWord(drcIndex)}`
    return `${action}_dt_node(${what}) rc=${String(result)}`
  }

  /** The phandle that a lookup reads in a freed node. */
  #handleIn(node: TrackedNode): string {
    if (this.#kernel.slubPoison) return poisonWord
    return hexWord(this.#kernel.node(node.object)?.phandle ?? 0)
  }

  #lifeEventsOf(event: KernelEvent, node: TrackedNode): ReplayedLifeEvent[] {
    switch (event.type) {
      case 'alloc': {
        const predecessor = this.#nodes.begin(event.object)
        return [
          ...(predecessor === undefined
            ? []
            : [{ text: `memory of ${predecessor.id} is reused`, chain: [] }]),
          { text: `new node ${node.id} (${node.origin})`, chain: [] },
        ]
      }
      case 'node.attach':
        node.parent = event.parent
        return event.step === 0 ? [] : [this.#move('of_attach_node', event, node)]
      case 'node.detach':
        return [this.#move('of_detach_node', event, node)]
      case 'ref.release': {
        const line = this.#move('of_node_release', event, node)
        node.life = 'released-not-freed'
        if (node.origin !== 'boot') return [line]
        return [
          line,
          { text: `${node.id} released, memory kept (not OF_DYNAMIC) (of_node_release)`, chain: [] },
        ]
      }
      case 'free':
        node.life = 'freed'
        node.how =
          event.chain.map((frame) => frame.function).find((name) => freeingFunctions.includes(name)) ?? '?'
        return [{ text: `${node.id} memory freed (${node.how})`, chain: [] }]
      default:
        return []
    }
  }

  #move(what: string, event: KernelEvent, node: TrackedNode): ReplayedLifeEvent {
    const parent = this.#nodes.describe(node.parent)
    return { text: `${what} ${node.id} parent=${parent}`, chain: functionsOf(event.chain) }
  }
}

/** Functions that free nodes, as the observer names them. */
const freeingFunctions = ['of_node_release', 'dlpar_free_cc_nodes']

/**
 * The reference that an event takes or drops. Undefined for other events, and for the initial reference of a node: the
 * recordings do not contain it.
 */
function referenceOf(event: KernelEvent, node: TrackedNode): ReplayedReference | undefined {
  if (event.type !== 'ref.get' && event.type !== 'ref.put') return undefined
  const chain = functionsOf(event.chain)
  if (chain[0] === 'kobject_init' || chain[0] === 'kobject_init_internal') return undefined
  return {
    op: event.type === 'ref.get' ? 'get' : 'put',
    node: node.id,
    before: event.before,
    after: event.after,
    chain,
    remark: node.life === 'released-not-freed' ? 'already released' : '',
  }
}

function functionsOf(chain: CallChain): string[] {
  return chain.map((frame) => frame.function)
}

/** `0xfffffff6`, the observer's format of phandles. */
export function hexWord(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`
}
