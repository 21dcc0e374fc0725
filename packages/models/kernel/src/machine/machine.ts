// SPDX-License-Identifier: GPL-2.0-only
import type { EventFields, KernelEvent, KernelEventType } from './events.ts'
import { callsHere, enterKernel } from './calls.ts'
import type { CallChain, Calls } from './frames.ts'
import { Halt, type Outcome } from './halt.ts'
import type { Firmware } from './firmware.ts'
import { task_struct } from './task.ts'
import { Trial, type TrialResult } from './trial.ts'

/** Kernel configuration and boot options that affect the models. */
export interface KernelConfig {
  /** Byte order of the kernel. Drivers that read properties in host order depend on it. */
  readonly endian: 'big' | 'little'
  /** `CONFIG_MODULES`. Without it v4.18 frees the phandle cache at the end of boot. */
  readonly modules: boolean
  /** `CONFIG_REFCOUNT_FULL` on (`full`) or off (`plain`). */
  readonly refcount: 'plain' | 'full'
  /** `slub_debug=FZPU`: freed memory is poisoned, double frees are detected. */
  readonly slubPoison: boolean
  /** `CONFIG_PROVE_LOCKING` and `CONFIG_DEBUG_ATOMIC_SLEEP`. */
  readonly lockDebugging: boolean
  /** Cooperative memory overcommitment of VIO devices (`CONFIG_PPC_SMLPAR`, `FW_FEATURE_CMO`). */
  readonly cmo: boolean
  /**
   * Platform Resource Reassignment Notifications (`FW_FEATURE_PRRN`): the kernel registers a notifier for changes of
   * CPUs.
   */
  readonly prrn: boolean
  /** Seconds until a blocked task is reported (`kernel.hung_task_timeout_secs`). */
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

/** Frequent events, which a machine can leave out. */
const background: ReadonlySet<KernelEventType> = new Set(['alloc', 'free', 'sysfs.create', 'sysfs.remove'])

const noCalls: Calls = { functions: [] }

/** Parts of a machine besides its configuration. */
export interface MachineParts {
  readonly firmware: Firmware | null
  /** Record call chains. Uncompiled models take them from V8, which costs more than everything else. */
  readonly callChains: boolean
  /** Record allocations, frees and sysfs changes too. They are the bulk of all events and rarely needed. */
  readonly backgroundEvents: boolean
  /** Maps a JavaScript error thrown by kernel code to the halt of its task; null if the error is not a kernel fault. */
  readonly haltOf: (fault: unknown) => Halt | null
  /** Checks that the kernel makes when a task returns to user space. */
  readonly leaveKernel: () => void
}

/**
 * The machine as kernel code sees it: configuration, file-scope variables of the model packages, tasks, and the record
 * of all events. `Machine` (boot.ts) is the machine as its user sees it.
 *
 * While a machine executes, it is the *current* machine. Machines in one process are independent of each other.
 */
export class MachineState {
  readonly config: KernelConfig
  readonly firmware: Firmware | null
  readonly events: KernelEvent[] = []
  /** Number of events so far, recorded or not. The next event gets this number. */
  happened = 0
  /** State of the machine: an Oops killed a task, a task waits forever, or neither. The first failure decides. */
  outcome: Outcome = 'completed'
  /** Number of the current step, set by the user of the machine. */
  step = 0

  readonly scopes: unknown[] = []
  /** All objects ever allocated, in order; reused memory only once. Freed objects stay, for inspection. */
  readonly heap: object[] = []
  readonly tasks: task_struct[] = []
  /** True during an inspection or a trial: nothing is recorded and nothing is printed. */
  inspecting = false
  /** The current trial; null outside a trial. */
  trial: Trial | null = null
  /** Call chain of a fault while it is reported after its stack was unwound; otherwise empty. */
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

  /** dmesg, one entry per line. */
  get console(): readonly string[] {
    return this.events.flatMap((event) => (event.type === 'printk' ? [event.text] : []))
  }

  /** Captures the current call chain for a later report; an empty one if the machine does not record call chains. */
  trackHere(): Calls {
    return this.#callChains ? callsHere() : noCalls
  }

  /** Returns whether events of this type are recorded. */
  isRecorded(type: KernelEventType): boolean {
    return this.#background || !background.has(type)
  }

  /**
   * Runs kernel code as a new task, which comes from user space and goes back there.
   *
   * @param comm - name of the task, as in `ps`
   * @returns the result of `body`, or null if the task did not return: an Oops killed it, or it waits forever
   * @throws any error of `body` that is not a fault of the kernel
   */
  task<T>(comm: string, body: () => T): T | null {
    return this.kthread(comm, () => {
      const result = body()
      this.#leaveKernel()
      return result
    })
  }

  /** Like `task`, but for a kernel thread, which never returns to user space. */
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
   * Runs kernel code as a trial: records no event, prints nothing, and undoes the changes that `Trial` lists. Unlike in
   * `inspect`, freed memory reads as the kernel would see it.
   *
   * @param body - kernel code that makes no other changes
   * @returns the result of `body`, or how the task would end
   * @throws any error of `body` that is not a fault of the kernel
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
   * Reads the state without changing it: emits no events, and sees freed memory as it was before it was freed.
   *
   * @param look - reads fields of the models; must not call kernel functions that change the state
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
 * Registers a function that undoes a change of kernel code. Has no effect outside a trial.
 *
 * @param undo - restores the state before the change
 */
export function undoAfterTrial(undo: () => void): void {
  currentMachine().trial?.undo.push(undo)
}

/** The only variable outside all machines: the machine that executes. */
const ambient: { machine: MachineState | null } = { machine: null }

/**
 * Returns the machine that executes, as `current` is the task that executes.
 *
 * @throws Error if no machine executes: a bug of the caller, not of the modelled kernel
 */
export function currentMachine(): MachineState {
  if (ambient.machine === null)
    throw new Error('model code ran outside a machine: boot one with bootMachine() and use its methods')
  return ambient.machine
}

/**
 * Returns the running task of the current machine.
 *
 * @throws Error if no task runs: a bug of the caller, not of the modelled kernel
 */
export function currentTask(): task_struct {
  const task = currentMachine().running
  if (task === null) throw new Error('model code ran outside a task: use Machine.task()')
  return task
}

const scopeCount = { value: 0 }

/**
 * Declares the file-scope variables of a model source file. Each booted machine has its own set, created on first use.
 *
 * @param init - creates the variables in their state before boot
 * @returns a function that returns the set of the current machine
 */
export function fileScope<T extends object>(init: () => T): () => T {
  const index = scopeCount.value++
  return () => {
    const scopes = currentMachine().scopes
    return (scopes[index] ??= init()) as T
  }
}

/**
 * Records an event on the current machine. Records nothing during an inspection or a trial. A background event that the
 * machine leaves out still takes a number.
 *
 * @param type - type of the event
 * @param fields - the fields of this type of event, without those of `EventHeader`
 */
export function emitEvent<K extends KernelEventType>(type: K, fields: EventFields<K>): void {
  const machine = currentMachine()
  if (machine.inspecting) return
  const seq = machine.happened++
  if (!machine.isRecorded(type)) return
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
