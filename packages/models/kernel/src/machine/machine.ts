// SPDX-License-Identifier: GPL-2.0-only
import type { EventFields, KernelEvent, KernelEventType } from './events.ts'
import { callsHere, enterKernel } from './calls.ts'
import type { CallChain, Calls } from './frames.ts'
import { Halt, type Outcome } from './halt.ts'
import type { Firmware } from './firmware.ts'
import { task_struct } from './task.ts'
import { Trial, type TrialResult } from './trial.ts'

/** The kernel configuration and boot options that change what the models do. */
export interface KernelConfig {
  /** Byte order of the kernel, as seen by drivers that read properties in host order. */
  readonly endian: 'big' | 'little'
  /** `CONFIG_MODULES`. Without it v4.18 frees the phandle cache at the end of boot. */
  readonly modules: boolean
  /** `CONFIG_REFCOUNT_FULL` on (`full`) or off (`plain`). */
  readonly refcount: 'plain' | 'full'
  /** `slub_debug=FZPU`: freed memory is overwritten, a second free is caught. */
  readonly slubPoison: boolean
  /** `CONFIG_PROVE_LOCKING` and `CONFIG_DEBUG_ATOMIC_SLEEP`. */
  readonly lockDebugging: boolean
  /** `CONFIG_PPC_SMLPAR`, vio CMO (`FW_FEATURE_CMO`). */
  readonly cmo: boolean
  /** Platform Resource Reassignment Notifications (`FW_FEATURE_PRRN`): the kernel listens to changes of processors. */
  readonly prrn: boolean
  /** Seconds after which a blocked task is reported (`kernel.hung_task_timeout_secs`). */
  readonly hungTaskTimeout: number
}

/** The configuration of the recorded v4.18 kernel. */
export const recordedConfig: KernelConfig = {
  endian: 'little',
  modules: true,
  refcount: 'full',
  slubPoison: true,
  lockDebugging: true,
  cmo: false,
  prrn: false,
  hungTaskTimeout: 10,
}

/** Events of which a run is full. */
const background: ReadonlySet<KernelEventType> = new Set(['alloc', 'free', 'sysfs.create', 'sysfs.remove'])

const noCalls: Calls = { functions: [] }

/** What a machine is made of besides its configuration. */
export interface MachineParts {
  readonly firmware: Firmware | null
  /** Record call chains. Models that are not compiled take them from V8, which costs more than all else. */
  readonly callChains: boolean
  /** Record allocations and changes of sysfs too: most of all events, and seldom looked at. */
  readonly backgroundEvents: boolean
  /** Says what a JavaScript error thrown by kernel code means to the kernel; null if nothing. */
  readonly haltOf: (fault: unknown) => Halt | null
  /** What the kernel checks when a task goes back to user space. */
  readonly leaveKernel: () => void
}

/**
 * What kernel code sees of the machine it runs on: configuration, file-scope variables of the model packages, tasks, and
 * the record of everything that happened. `Machine` (boot.ts) is the same seen by whoever uses it.
 *
 * While a machine executes it is the *current* machine; several live in one process without
 * knowing of each other.
 */
export class MachineState {
  readonly config: KernelConfig
  readonly firmware: Firmware | null
  /** dmesg: one entry a line. */
  readonly console: string[] = []
  readonly events: KernelEvent[] = []
  /** How many events there were, kept or not: the number of the next one. */
  happened = 0
  /** How the machine stands: a task was killed by an Oops, a task hangs, or neither. The first of them stays. */
  outcome: Outcome = 'completed'
  /** Number of the step that runs; whoever plays steps sets it. */
  step = 0

  readonly scopes: unknown[] = []
  /** Everything ever allocated, in order: objects are named by their place here, and inspected after their death. */
  readonly heap: object[] = []
  readonly tasks: task_struct[] = []
  /** True while the state is looked at from outside: no events, no traps. */
  inspecting = false
  /** The trial that runs; null if what happens is real. */
  trial: Trial | null = null
  /** Where a fault was thrown that is being reported, after its stack was unwound. */
  unwound: readonly string[] = []
  running: task_struct | null = null

  readonly #haltOf: (fault: unknown) => Halt | null
  readonly #leaveKernel: () => void

  readonly #callChains: boolean
  readonly #background: boolean

  constructor(config: KernelConfig, parts: MachineParts) {
    this.config = config
    this.firmware = parts.firmware
    this.#callChains = parts.callChains
    this.#background = parts.backgroundEvents
    this.#haltOf = parts.haltOf
    this.#leaveKernel = parts.leaveKernel
  }

  /** Notes where the kernel is now, for a report that may come later. */
  trackHere(): Calls {
    return this.#callChains ? callsHere() : noCalls
  }

  /** Whether events of this type are kept. */
  records(type: KernelEventType): boolean {
    return this.#background || !background.has(type)
  }

  /**
   * Runs kernel code as a new task, which comes from user space and goes back there.
   *
   * @param comm - name of the task, as in `ps`
   * @returns the result of `body`, or null if the task did not come back: an Oops killed it or it waits for ever
   */
  task<T>(comm: string, body: () => T): T | null {
    return this.kthread(comm, () => {
      const result = body()
      this.#leaveKernel()
      return result
    })
  }

  /** As `task`, for a task of the kernel's own. */
  kthread<T>(comm: string, body: () => T): T | null {
    const task = new task_struct(comm, this.tasks.length + 1)
    this.tasks.push(task)
    return this.#runAs(task, body)
  }

  #runAs<T>(task: task_struct, body: () => T): T | null {
    const machineBefore = ambient.machine
    const taskBefore = this.running
    ambient.machine = this
    this.running = task
    try {
      const result = enterKernel(body)
      task.state = 'dead'
      return result
    } catch (fault) {
      const halt = fault instanceof Halt ? fault : enterKernel(() => this.#haltOf(fault))
      if (halt === null) throw fault
      task.state = halt.outcome === 'oops' ? 'dead' : 'blocked'
      if (this.outcome === 'completed') this.outcome = halt.outcome
      return null
    } finally {
      ambient.machine = machineBefore
      this.running = taskBefore
    }
  }

  /**
   * Runs kernel code for what it would say, as a task that leaves no trace: no event, nothing on the console, and what it
   * changes is undone. Unlike in `inspect`, freed memory shows what the kernel would see there.
   *
   * @param body - kernel code; what it assigns to variables by itself is not undone
   * @returns what `body` returns, or how it would end
   */
  tryOut<T>(body: () => T): TrialResult<T> {
    const { inspecting, trial: trialBefore, running } = this
    const machineBefore = ambient.machine
    const trial = new Trial()
    const task = new task_struct('trial', 0)
    ambient.machine = this
    this.running = task
    this.inspecting = true
    this.trial = trial
    try {
      const value = enterKernel(body)
      return { outcome: 'completed', value, usedFreed: trial.usedFreed }
    } catch (fault) {
      const halt = fault instanceof Halt ? fault : enterKernel(() => this.#haltOf(fault))
      if (halt === null) throw fault
      return { outcome: halt.outcome, usedFreed: trial.usedFreed }
    } finally {
      for (const undo of trial.undo.reverse()) undo()
      this.trial = trialBefore
      this.inspecting = inspecting
      this.running = running
      ambient.machine = machineBefore
    }
  }

  /**
   * Looks at the state without touching it: no event is emitted, freed memory shows what it last held.
   *
   * @param look - reads the state through the models' fields; must not call kernel functions that change it
   */
  inspect<T>(look: () => T): T {
    const machineBefore = ambient.machine
    const before = this.inspecting
    ambient.machine = this
    this.inspecting = true
    try {
      return look()
    } finally {
      this.inspecting = before
      ambient.machine = machineBefore
    }
  }
}

/**
 * Says how a change is undone that kernel code makes. Asked only while the machine tries something out.
 *
 * @param undo - puts things back as they were before the change
 */
export function undoAfterTrial(undo: () => void): void {
  currentMachine().trial?.undo.push(undo)
}

/** The one variable outside all machines: which of them executes. */
const ambient: { machine: MachineState | null } = { machine: null }

/**
 * The machine that executes, as `current` is the task that does.
 *
 * @throws Error when called outside any machine: a fault of the caller, not of the modelled kernel
 */
export function currentMachine(): MachineState {
  if (ambient.machine === null)
    throw new Error('model code ran outside a machine: boot one with bootMachine() and use its methods')
  return ambient.machine
}

/** The task that runs on the current machine. */
export function currentTask(): task_struct {
  const task = currentMachine().running
  if (task === null) throw new Error('model code ran outside a task: use Machine.task()')
  return task
}

const scopeCount = { value: 0 }

/**
 * Declares the file-scope variables of a model source file: one set per booted machine, made at first use.
 *
 * @param init - makes the variables as they are before boot
 * @returns a function that gives the current machine's set
 */
export function fileScope<T extends object>(init: () => T): () => T {
  const index = scopeCount.value++
  return () => {
    const scopes = currentMachine().scopes
    return (scopes[index] ??= init()) as T
  }
}

/**
 * Records an event on the current machine. Nothing is recorded while the machine is inspected.
 *
 * @param type - what happened
 * @param fields - the event's own fields
 */
export function emitEvent<K extends KernelEventType>(type: K, fields: EventFields<K>): void {
  const machine = currentMachine()
  if (machine.inspecting) return
  const seq = machine.happened++
  if (!machine.records(type)) return
  const task = machine.running
  machine.events.push(
    new RecordedEvent(machine, type, seq, task === null ? '-' : task.label, fields) as unknown as KernelEvent,
  )
}

class RecordedEvent<K extends KernelEventType> {
  readonly type: K
  readonly seq: number
  readonly step: number
  readonly task: string
  #calls: Calls
  #unwound: readonly string[]

  constructor(machine: MachineState, type: K, seq: number, task: string, fields: EventFields<K>) {
    this.type = type
    this.seq = seq
    this.step = machine.step
    this.task = task
    this.#calls = machine.trackHere()
    this.#unwound = machine.unwound
    Object.assign(this, fields)
  }

  get chain(): CallChain {
    return this.functions.map((name) => ({ function: name }))
  }

  get functions(): readonly string[] {
    const { functions } = this.#calls
    return this.#unwound.length === 0 ? functions : [...functions, ...this.#unwound]
  }

  toJSON(): object {
    return Object.assign({}, this, { chain: this.chain })
  }
}
