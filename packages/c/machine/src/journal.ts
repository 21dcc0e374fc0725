// SPDX-License-Identifier: GPL-2.0-only
import type { MachineEvent, MachineEvents, MachineEventType } from './events.ts'
import { LackingTrack, StackTrack, type Track } from './stack.ts'

/** Says whether the call chain of an event is recorded, before it is known whether anybody will ask for it. */
export type ChainChoice = (type: MachineEventType, fields: Readonly<Record<string, unknown>>) => boolean

/** What a journal keeps. */
export interface JournalOptions {
  /** Record the call chain of every event, of none, or of some. Default true. */
  readonly callChains?: boolean | ChainChoice
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
  #options: Required<JournalOptions> = { callChains: true, backgroundEvents: true }
  readonly #lacking = new LackingTrack()
  /** Number of the step that runs; whoever plays steps sets it. */
  step = 0
  /** What events call the task that runs. */
  task = 'swapper/0'
  /** While the state is looked at from outside nothing is recorded. */
  silent = false

  get events(): readonly MachineEvent[] {
    return this.#events
  }

  /** dmesg: one entry a line. */
  get console(): readonly string[] {
    return this.#console
  }

  /** Whether a call chain was asked for that was not recorded. */
  get lacksChains(): boolean {
    return this.#lacking.wanted
  }

  /** Says what is kept, of what happened already as of what comes. */
  keep(options: JournalOptions): void {
    this.#options = { callChains: true, backgroundEvents: true, ...options }
    this.#lacking.wanted = false
    if (!this.#options.backgroundEvents)
      this.#events = this.#events.filter(({ type }) => !background.has(type))
  }

  /**
   * Records an event.
   *
   * @param track - where it happened, if that was noted before
   */
  emit<Type extends MachineEventType>(type: Type, fields: MachineEvents[Type], track?: Track): void {
    if (this.silent) return
    const seq = this.#happened++
    if (!this.#options.backgroundEvents && background.has(type)) return
    const { step, task } = this
    const where = track ?? this.#trackOf(type, fields)
    this.#events.push({ type, fields, seq, step, task, track: where } as unknown as MachineEvent)
  }

  #trackOf(type: MachineEventType, fields: object): Track {
    const { callChains } = this.#options
    const records =
      typeof callChains === 'boolean'
        ? callChains
        : callChains(type, fields as Readonly<Record<string, unknown>>)
    return records ? new StackTrack() : this.#lacking
  }

  /**
   * Notes where the kernel is now, for a report that may come later: only when all call chains are recorded. A run in which
   * such a report comes can be played again.
   *
   * @param depth - JavaScript and C frames to keep, innermost first
   */
  trackHere(depth: number): Track {
    return this.#options.callChains === true ? new StackTrack(depth) : this.#lacking
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
    this.#lacking.wanted = false
  }
}
