// SPDX-License-Identifier: GPL-2.0-only
import type { MachineEvent, MachineEvents, MachineEventType } from './events.ts'
import type { CallSites } from './stack.ts'

/** Options of a journal. */
export interface JournalOptions {
  /** Keep allocations and changes of sysfs, which are most of all events and rarely needed. Default true. */
  readonly backgroundEvents?: boolean
}

/** A saved state of the journal. */
export interface SavedJournal {
  readonly events: readonly MachineEvent[]
  readonly console: readonly string[]
  readonly happened: number
}

const background: ReadonlySet<MachineEventType> = new Set(['alloc', 'free', 'sysfs.create', 'sysfs.remove'])

/** The record of events on a machine, and the lines of its console. */
export class Journal {
  #events: MachineEvent[] = []
  #console: string[] = []
  #happened = 0
  #backgroundEvents = true
  readonly #callSitesHere: () => CallSites
  /** Number of the current step. The code that plays steps sets it. */
  step = 0
  /** Name of the current task in events. */
  task = 'swapper/0'
  /** While set, nothing is recorded. Used to inspect the state from outside. */
  silent = false

  /** @param callSitesHere - returns the current location of the code */
  constructor(callSitesHere: () => CallSites) {
    this.#callSitesHere = callSitesHere
  }

  get events(): readonly MachineEvent[] {
    return this.#events
  }

  /** dmesg: one entry per line. */
  get console(): readonly string[] {
    return this.#console
  }

  /** Selects the events to keep, both past and future events. */
  keep({ backgroundEvents = true }: JournalOptions): void {
    this.#backgroundEvents = backgroundEvents
    if (!backgroundEvents) this.#events = this.#events.filter(({ type }) => !background.has(type))
  }

  /**
   * Records an event.
   *
   * @param callSites - the location, if it was recorded earlier
   */
  emit<Type extends MachineEventType>(type: Type, fields: MachineEvents[Type], callSites?: CallSites): void {
    if (this.silent) return
    const seq = this.#happened++
    if (!this.#backgroundEvents && background.has(type)) return
    const { step, task } = this
    const where = callSites ?? this.#callSitesHere()
    this.#events.push({ type, fields, seq, step, task, callSites: where } as unknown as MachineEvent)
  }

  /** Prints a line on the console, and records it. */
  print(level: number, text: string): void {
    if (this.silent) return
    this.#console.push(text)
    this.emit('printk', { level, text })
  }

  save(): SavedJournal {
    return {
      events: this.#events.slice(),
      console: this.#console.slice(),
      happened: this.#happened,
    }
  }

  restore({ events, console, happened }: SavedJournal): void {
    this.#events = events.slice()
    this.#console = console.slice()
    this.#happened = happened
  }
}
