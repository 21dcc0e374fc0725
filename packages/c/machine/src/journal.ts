// SPDX-License-Identifier: GPL-2.0-only
import type { MachineEvent, MachineEvents, MachineEventType } from './events.ts'
import type { Track } from './stack.ts'

/** What a journal keeps. */
export interface JournalOptions {
  /** Keep allocations and changes of sysfs: most of all events, and seldom looked at. Default true. */
  readonly backgroundEvents?: boolean
}

/** The journal as it was at some moment. */
export interface SavedJournal {
  readonly events: readonly MachineEvent[]
  readonly console: readonly string[]
  readonly happened: number
}

const background: ReadonlySet<MachineEventType> = new Set(['alloc', 'free', 'sysfs.create', 'sysfs.remove'])

/** The record of what happened on a machine: events, and the lines of the console. */
export class Journal {
  #events: MachineEvent[] = []
  #console: string[] = []
  #happened = 0
  #backgroundEvents = true
  readonly #trackHere: () => Track
  /** Number of the step that runs; whoever plays steps sets it. */
  step = 0
  /** What events call the task that runs. */
  task = 'swapper/0'
  /** While the state is looked at from outside nothing is recorded. */
  silent = false

  /** @param trackHere - where the code is now */
  constructor(trackHere: () => Track) {
    this.#trackHere = trackHere
  }

  get events(): readonly MachineEvent[] {
    return this.#events
  }

  /** dmesg: one entry a line. */
  get console(): readonly string[] {
    return this.#console
  }

  /** Says what is kept, of what happened already as of what comes. */
  keep({ backgroundEvents = true }: JournalOptions): void {
    this.#backgroundEvents = backgroundEvents
    if (!backgroundEvents) this.#events = this.#events.filter(({ type }) => !background.has(type))
  }

  /**
   * Records an event.
   *
   * @param track - where it happened, if that was noted before
   */
  emit<Type extends MachineEventType>(type: Type, fields: MachineEvents[Type], track?: Track): void {
    if (this.silent) return
    const seq = this.#happened++
    if (!this.#backgroundEvents && background.has(type)) return
    const { step, task } = this
    const where = track ?? this.#trackHere()
    this.#events.push({ type, fields, seq, step, task, track: where } as unknown as MachineEvent)
  }

  /** Puts a line on the console, and records that. */
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
