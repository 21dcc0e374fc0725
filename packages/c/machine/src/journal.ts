// SPDX-License-Identifier: GPL-2.0-only
import type { MachineEvent, MachineEvents, MachineEventType } from './events.ts'
import type { CallSites } from './stack.ts'

/** Options of a journal. */
export interface JournalOptions {
  /** Keep allocations and changes of sysfs, which are the bulk of all events and rarely needed. Default true. */
  readonly backgroundEvents?: boolean
}

/** A saved state of the journal. */
export interface SavedJournal {
  readonly events: readonly MachineEvent[]
  /** The events that are not background events. */
  readonly foreground: readonly MachineEvent[]
  readonly console: readonly string[]
  readonly happened: number
}

const background: ReadonlySet<MachineEventType> = new Set(['alloc', 'free', 'sysfs.create', 'sysfs.remove'])

const withoutBackground = (events: readonly MachineEvent[]): MachineEvent[] =>
  events.filter(({ type }) => !background.has(type))

/** The record of events on a machine, and the lines of its console. */
export class Journal {
  #events: MachineEvent[] = []
  #console: string[] = []
  #happened = 0
  #backgroundEvents = true
  /** The state that was restored last. */
  #restored: SavedJournal | null = null
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
    if (backgroundEvents) return
    const restored = this.#restored
    const isAsRestored = restored?.happened === this.#happened
    this.#events = isAsRestored ? restored.foreground.slice() : withoutBackground(this.#events)
  }

  /**
   * Records an event.
   *
   * @param callSites - the location, if it was recorded earlier
   */
  emit<Type extends MachineEventType>(type: Type, fields: MachineEvents[Type], callSites?: CallSites): void {
    const seq = this.#happens(type)
    if (seq !== null) this.#record(seq, type, fields, callSites)
  }

  /** Like `emit`, for fields that take long to find: `fieldsOf` is called only if events of this type are kept. */
  emitIfKept<Type extends MachineEventType>(type: Type, fieldsOf: () => MachineEvents[Type]): void {
    const seq = this.#happens(type)
    if (seq !== null) this.#record(seq, type, fieldsOf())
  }

  /** Counts an event. @returns its number; null if it is not kept */
  #happens(type: MachineEventType): number | null {
    if (this.silent) return null
    const seq = this.#happened++
    return this.#backgroundEvents || !background.has(type) ? seq : null
  }

  #record<Type extends MachineEventType>(
    seq: number,
    type: Type,
    fields: MachineEvents[Type],
    sites?: CallSites,
  ): void {
    const { step, task } = this
    const callSites = sites ?? this.#callSitesHere()
    this.#events.push({ type, fields, seq, step, task, callSites } as unknown as MachineEvent)
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
      foreground: withoutBackground(this.#events),
      console: this.#console.slice(),
      happened: this.#happened,
    }
  }

  restore(saved: SavedJournal): void {
    const { events, console, happened } = saved
    this.#restored = saved
    this.#events = events.slice()
    this.#console = console.slice()
    this.#happened = happened
  }
}
