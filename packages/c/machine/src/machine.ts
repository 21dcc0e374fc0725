// SPDX-License-Identifier: GPL-2.0-only
import type { Image, ImportedFunction } from '@pfo-workbench/image'
import { Allocator } from './allocator.ts'
import { CheckedMemory } from './checked.ts'
import { Code, type WasmFunction } from './code.ts'
import type { MachineOptions } from './config.ts'
import { DeferredQueue } from './deferred.ts'
import { Halt } from './halt.ts'
import { HostStates, type PlainData } from './host-state.ts'
import { Journal } from './journal.ts'
import { addressOf, Memory } from './memory.ts'
import { ObjectTable } from './objects.ts'
import type { WebAssemblyApi } from './realm.ts'
import { Shadow, shadowReasons } from './shadow.ts'
import { chainAt, type ChainFrame, type CallSites } from './stack.ts'
import { Symbols } from './symbols.ts'
import { labelOf, newTask, type Task } from './task.ts'
import { Layouts, View } from './views.ts'

/**
 * The outcome of a machine: `completed` if every task returned; `unmodelled` if a task ended for this reason; otherwise
 * the reason for which the first task ended.
 */
export type Outcome = 'completed' | 'oops' | 'deadlock' | 'unmodelled'

/** Reasons why a kernel is tainted: letters of `taint_flags` (kernel/panic.c). */
export type Taint = 'B' | 'D' | 'W' | 'L'

/** The arguments of a watched call, unsigned. Missing ones are 0. */
export type WatchedArguments = readonly [bigint, bigint, bigint, bigint]

/** Calls of watched functions that have not returned. */
export interface OpenWatches {
  /** Number of such calls. */
  readonly depth: number
  /** Names of watched functions that this kernel does not have. */
  readonly unmatched: readonly string[]
  /** The arguments of the innermost call of a watched function; null if there is none. */
  innermost(kind: 'function' | 'indirect-call', name: string): WatchedArguments | null
  /** Discards the calls of a task that ended. @param depth - the value of `depth` when the task began */
  unwind(depth: number): void
}

/** Reactions to situations that memory and code cannot handle. */
export interface MachineBehaviour {
  /** The shadow forbids an access. Returns if the kernel continues. */
  badAccess(machine: Machine, pointer: bigint, size: number, write: boolean): void
  /** Code called through a pointer that does not point to a function. */
  badCall(machine: Machine, pointer: bigint): never
  /** Converts an error of WebAssembly. @throws the error if it is not from WebAssembly */
  haltOf(machine: Machine, fault: unknown): Halt
  /** Creates the function for an import of the image. */
  supply(machine: Machine, imported: ImportedFunction): WasmFunction
}

/** The parts of a machine in addition to its image. */
export interface MachineParts {
  readonly options: MachineOptions
  readonly webAssembly: WebAssemblyApi
  readonly watches: OpenWatches
  readonly behaviour: MachineBehaviour
}

/** Called before each allocation. Returns true to make it fail. */
export type FailureChoice = (struct: string, callSites: CallSites) => boolean

/** A running C kernel: its memory and all state that the workbench keeps for it. */
export class Machine {
  readonly image: Image
  readonly options: MachineOptions
  readonly memory: Memory
  readonly checked: CheckedMemory
  readonly shadow: Shadow
  readonly objects: ObjectTable = new ObjectTable()
  readonly allocator: Allocator
  readonly journal: Journal = new Journal(() => this.callSitesHere())
  readonly layouts: Layouts
  readonly symbols: Symbols
  readonly deferred: DeferredQueue = new DeferredQueue()
  readonly watches: OpenWatches
  readonly #behaviour: MachineBehaviour
  readonly code: Code
  readonly hostStates: HostStates = new HostStates()

  outcome: Outcome = 'completed'
  /** For the outcome `unmodelled`: the missing function, and where it was called. */
  unmodelled: { readonly function: string; readonly callSites: CallSites } | null = null
  /** Assumed functions that were called. */
  assumed: Set<string> = new Set()
  tasks: Task[] = []
  #running: Task | null = null
  /** Pointer to the `task_struct` of `current` in C. */
  currentPointer = 0n
  /** Selects the allocations that fail; null for none. */
  failing: FailureChoice | null = null

  /** The kernel's taint flags and its Oops counter, for reports. */
  taints: Set<Taint> = new Set()
  oopses = 0
  linkedModules: readonly string[] = []
  /** The message of the next `WARN`. */
  warnText = ''
  /** Places of a warn-once that have already warned. */
  warned: Set<string> = new Set()
  /** Reported faults: object, field, access and place. */
  reported: Set<string> = new Set()
  /** Orders in which locks were taken: an outer and an inner one. */
  lockOrder: Set<string> = new Set()
  /** Reports of lockdep. After the first one lockdep is off. */
  lockReports: Set<string> = new Set()
  /** The first writer that waits forever, by the rwsem that it waits for. */
  waitingWriters: Map<bigint, string> = new Map()

  constructor(image: Image, { options, webAssembly, watches, behaviour }: MachineParts) {
    this.image = image
    this.watches = watches
    this.#behaviour = behaviour
    this.options = options
    const { pages, size, data, heap, shadow } = image.memory
    const memory = new webAssembly.Memory({ initial: pages, maximum: pages })
    this.memory = new Memory(memory.buffer, size, image.bigEndian ? 'big' : 'little')
    this.shadow = new Shadow(memory.buffer, shadow)
    this.shadow.forbid(0, size, shadowReasons.unallocated)
    this.shadow.bytes.set(image.dataShadow, this.shadow.range(data.start, 0).start)
    this.shadow.allow(image.memory.stack.start, image.memory.stack.end - image.memory.stack.start)
    this.memory.bytes.set(image.data, data.start)
    this.#emptyLists()
    this.allocator = new Allocator(this.memory, this.shadow, this.objects, heap)
    this.allocator.poisons = options.slubPoison
    this.checked = new CheckedMemory(this.memory, this.shadow, (pointer, length, write) => {
      behaviour.badAccess(this, pointer, length, write)
    })
    this.layouts = new Layouts(image.layouts)
    this.symbols = new Symbols(image)
    this.code = new Code(image, memory, this.symbols, webAssembly, (imported) =>
      behaviour.supply(this, imported),
    )
  }

  /** List heads that no file of the image defines must be empty lists, not zeros. */
  #emptyLists(): void {
    for (const { address, type } of this.image.undefinedData) {
      if (type?.kind !== 'struct' || type.name !== 'list_head') continue
      this.memory.setU64(addressOf(address), address)
      this.memory.setU64(addressOf(address) + 8, address)
    }
  }

  /** The current task. @throws Error outside of `task` */
  get current(): Task {
    if (this.#running === null) throw new Error('no task runs')
    return this.#running
  }

  /** True if a task is running. */
  get isRunning(): boolean {
    return this.#running !== null
  }

  /**
   * Runs kernel code as a new task.
   *
   * @param comm - name of the task, as in `ps`
   * @returns the result of `body`; null if the task did not return: an Oops killed it, it waits forever, or it called a
   * function without an implementation
   */
  task<T>(comm: string, body: () => T): T | null {
    const task = newTask(comm, this.tasks.length + 1)
    this.tasks.push(task)
    const before = this.#running
    const { sp, sites } = this.code
    const { top } = sites
    const { depth } = this.watches
    this.#switchTo(task)
    try {
      const result = body()
      task.state = 'dead'
      return result
    } catch (fault) {
      const halt = fault instanceof Halt ? fault : this.#behaviour.haltOf(this, fault)
      task.state = halt.outcome === 'deadlock' ? 'blocked' : 'dead'
      this.#forgetFrames(sp)
      if (this.outcome === 'completed' || halt.outcome === 'unmodelled') this.outcome = halt.outcome
      return null
    } finally {
      this.code.sp = sp
      sites.top = top
      this.watches.unwind(depth)
      this.#switchTo(before)
    }
  }

  /** A task that did not return left the redzones of its stack frames. The stack grows down. */
  #forgetFrames(sp: number): void {
    const { start } = this.image.memory.stack
    this.shadow.allow(start, sp - start)
  }

  #switchTo(task: Task | null): void {
    this.#running = task
    this.journal.task = task === null ? 'swapper/0' : labelOf(task)
    if (task === null || this.currentPointer === 0n) return
    const current = this.view('task_struct', this.currentPointer)
    if (current.has('pid')) current.set('pid', task.pid)
    if (current.has('comm')) this.memory.setString(current.addressOf('comm'), task.comm.slice(0, 15))
  }

  /**
   * Calls a C function by name.
   *
   * @returns its result, unsigned; 0 if it has none
   */
  call(name: string, ...values: readonly (bigint | number)[]): bigint {
    return this.code.call(name, values)
  }

  /** Calls the target of a function pointer. Any other pointer causes an Oops. */
  callPointer(pointer: bigint, ...values: readonly (bigint | number)[]): bigint {
    return this.code.callPointer(pointer, values) ?? this.#behaviour.badCall(this, pointer)
  }

  /** A structure in C memory. */
  view(struct: string, pointer: bigint): View {
    return new View(this.memory, this.layouts, struct, addressOf(pointer))
  }

  /** The pointer to a C variable. @throws Error if the image has no variable of that name */
  pointerTo(name: string): bigint {
    const pointer = this.symbols.pointerTo(name)
    if (pointer === null) throw new Error(`the image has no ${name}`)
    return pointer
  }

  /**
   * The current location of the code.
   *
   * @param depth - maximum number of calls to keep, innermost first
   */
  callSitesHere(depth?: number): CallSites {
    return this.code.sites.callSites(depth)
  }

  /** The current call chain, innermost first. */
  chainHere(): ChainFrame[] {
    return chainAt(this.image, this.callSitesHere())
  }

  /** A readable name of the target of a pointer: a variable (`of_mutex`) or an object (`vio_dev#2`), and the field. */
  nameOf(pointer: bigint): string {
    if (!this.memory.holds(pointer, 1)) return `0x${BigInt.asUintN(64, pointer).toString(16)}`
    const address = addressOf(pointer)
    const object = this.objects.at(address)
    if (object !== null) {
      return `${object.id}.${this.layouts.outerFieldAt(object.struct, address - object.address)}`
    }
    const symbol = this.symbols.dataAt(address)
    if (symbol === null) return `0x${pointer.toString(16)}`
    const offset = address - addressOf(symbol.address)
    const struct = symbol.type?.kind === 'struct' ? symbol.type.name : null
    if (offset === 0 || struct === null) return symbol.name
    return `${symbol.name}.${this.layouts.outerFieldAt(struct, offset)}`
  }

  /** The id of the object that a pointer points into; the name of a variable; otherwise `?`. */
  idOf(pointer: bigint): string {
    if (!this.memory.holds(pointer, 1)) return '?'
    const address = addressOf(pointer)
    return this.objects.at(address)?.id ?? this.symbols.dataAt(address)?.name ?? '?'
  }

  /** The tasks that hold a lock. */
  holdersOf(lock: bigint): Task[] {
    return this.tasks.filter((task) => task.held.some((held) => held.lock === lock))
  }

  /**
   * Inspects the state without a trace: no event is recorded, and freed memory can be read.
   *
   * @param look - must not change anything, or must be called between `save` and `restore`
   */
  inspect<T>(look: () => T): T {
    const before = this.journal.silent
    this.journal.silent = true
    try {
      return look()
    } finally {
      this.journal.silent = before
    }
  }

  /** State of a subsystem of host functions, saved and restored with the machine. */
  stateOf<State extends PlainData>(key: symbol, create: () => State): State {
    return this.hostStates.get(key, create)
  }
}
