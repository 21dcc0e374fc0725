// SPDX-License-Identifier: GPL-2.0-only
import { buses_init } from '../drivers/base/bus.ts'
import { fromBytes, toBytes } from '../c/bytes.ts'
import { devices_init, ksysfs_init } from '../drivers/base/core.ts'
import { deferred_probe_initcall } from '../drivers/base/dd.ts'
import { ENOENT, ENOSYS } from '../include/errno.ts'
import type { Firmware } from './firmware.ts'
import { fileScope, MachineState, recordedConfig, type KernelConfig, type MachineParts } from './machine.ts'
import { delete_module, do_init_module, do_one_initcall, type Module } from '../kernel/module.ts'
import { lockdep_sys_exit } from '../kernel/locking/lockdep.ts'
import { haltOfProgram } from '../kernel/oops.ts'
import { readOpened, realPath, vfs_read, vfs_readdir, vfs_readlink, vfs_write } from '../fs/vfs.ts'
import type { kernfs_node } from '../fs/kernfs.ts'
import type { TrialResult } from './trial.ts'
import { settleWorkqueues } from '../kernel/workqueue.ts'

/** Points of the boot in order: calls in init/main.c (`setup_arch`, `driver_init`) and the initcall levels. */
export const initLevels = [
  'setup_arch',
  'early',
  'driver_init',
  'core',
  'postcore',
  'arch',
  'subsys',
  'fs',
  'device',
  'late',
  'late_sync',
] as const

/** A point of the boot at which initcalls run. */
export type InitLevel = (typeof initLevels)[number]

/** A built-in part of the kernel, with the functions that it runs during boot. */
export interface Subsystem {
  readonly name: string
  readonly initcalls: readonly {
    readonly level: InitLevel
    /** The function. Its result is ignored, as in the kernel. */
    readonly fn: () => unknown
  }[]
}

/** Options of a machine. */
export interface BootOptions {
  /** Differences from the configuration of the recorded kernel. */
  readonly config?: Partial<KernelConfig>
  /** Flattened device tree from firmware. */
  readonly devicetree: Uint8Array
  /** Firmware that answers RTAS calls. Without it, the machine has no firmware. */
  readonly firmware?: Firmware
  readonly subsystems: readonly Subsystem[]
  /** Loadable modules. */
  readonly modules?: readonly Module[]
  /** Record the kernel call chain of every event. Default true. */
  readonly callChains?: boolean
  /** Record allocations, frees, and the creation and removal of sysfs entries as events. Default true. */
  readonly backgroundEvents?: boolean
}

const boot = fileScope(() => ({ initial_boot_params: null as Uint8Array | null }))

/**
 * Returns the flattened device tree from firmware (`initial_boot_params`, drivers/of/fdt.c).
 *
 * @throws Error before `bootMachine` has set it
 */
export function initialBootParams(): Uint8Array {
  const { initial_boot_params } = boot()
  if (initial_boot_params === null) throw new Error('the machine has not been booted')
  return initial_boot_params
}

/** Result of a trial read of a file or link in `/sys` or `/proc`. The read left no trace on the machine. */
export type Peeked = {
  /** True if the read would access freed memory. */
  readonly usedFreed: boolean
} & (
  | {
      readonly outcome: 'completed'
      /** Content of the file or text of the link, one character per byte; or a negative errno. */
      readonly value: string | number
      /** Path of the link's target. Null for a file, for a dangling link, and if the read did not resolve the link. */
      readonly target: string | null
    }
  /** The reader would die or wait forever. */
  | { readonly outcome: 'oops' | 'deadlock' }
)

/** A booted machine, used from outside like a running Linux system. */
export class Machine extends MachineState {
  readonly #modules: readonly Module[]

  constructor(config: KernelConfig, parts: MachineParts, modules: readonly Module[]) {
    super(config, parts)
    this.#modules = modules
  }

  /**
   * Reads a file in `/sys` or `/proc`.
   *
   * @returns its bytes, a negative errno, or null if the reading task did not return
   */
  readBytes(path: string): Uint8Array | number | null {
    return this.task('cat', () => vfs_read(path))
  }

  /**
   * Reads a file with the kernel's own functions, without leaving a trace on the machine. `target` is null.
   *
   * @param path - path below `/sys` or `/proc`
   */
  peek(path: string): Peeked {
    const read = this.tryOut(() => {
      const content = vfs_read(path)
      return content instanceof Uint8Array ? fromBytes(content) : content
    })
    return read.outcome === 'completed' ? { ...read, target: null } : read
  }

  /**
   * Reads an entry of sysfs like `peek`, but without the path walk.
   *
   * @param kn - a file or a link; a link is not resolved, so `target` is null
   */
  peekEntry(kn: kernfs_node): Peeked {
    const read = this.tryOut(() => {
      const content = readOpened(kn)
      return content instanceof Uint8Array ? fromBytes(content) : content
    })
    return read.outcome === 'completed' ? { ...read, target: null } : read
  }

  /**
   * Walks to a path without leaving a trace on the machine.
   *
   * @returns how the walk ended; the value of a completed walk is the path without links, or a negative errno
   */
  tryWalk(path: string): TrialResult<string | number> {
    return this.tryOut(() => realPath(path))
  }

  /** Reads a link without leaving a trace on the machine. Does not resolve the link, so `target` is null. */
  peekLinkText(path: string): Peeked {
    const read = this.tryOut(() => vfs_readlink(path))
    return read.outcome === 'completed' ? { ...read, target: null } : read
  }

  /** Reads a link and resolves its target, without leaving a trace on the machine. */
  peekLink(path: string): Peeked {
    const read = this.peekLinkText(path)
    if (read.outcome !== 'completed') return read
    const followed = this.tryWalk(path)
    const isThere = followed.outcome === 'completed' && typeof followed.value === 'string'
    return { ...read, target: isThere ? followed.value : null }
  }

  /** Reads as `readBytes` does, but returns the content as text, one character per byte. */
  read(path: string): string | number | null {
    const bytes = this.readBytes(path)
    return bytes instanceof Uint8Array ? fromBytes(bytes) : bytes
  }

  /** Returns the names in a directory, sorted; a negative errno; or null if the task did not return. */
  readdir(path: string): string[] | number | null {
    return this.task('ls', () => vfs_readdir(path))
  }

  /** Returns the text of a symbolic link; a negative errno; or null if the task did not return. */
  readlink(path: string): string | number | null {
    return this.task('ls', () => vfs_readlink(path))
  }

  /**
   * Writes to a file in `/sys` or `/proc` in one piece.
   *
   * @param data - bytes, or text with one character per byte
   * @returns the number of bytes accepted, a negative errno, or null if the writing task did not return
   */
  write(path: string, data: string | Uint8Array): number | null {
    const bytes = typeof data === 'string' ? toBytes(data, false) : data
    return this.task('init', () => vfs_write(path, bytes))
  }

  /**
   * Loads a module by name.
   *
   * @returns the result of `do_init_module`; -ENOSYS on a kernel without modules; -ENOENT for an unknown name; or null
   *   if the task did not return
   */
  insmod(name: string): number | null {
    if (!this.config.modules) return -ENOSYS
    const module = this.#module(name)
    return module === undefined ? -ENOENT : this.task('insmod', () => do_init_module(module))
  }

  /**
   * Unloads a module by name.
   *
   * @returns the result of `delete_module`; -ENOSYS on a kernel without modules; -ENOENT for an unknown name; or null
   *   if the task did not return
   */
  rmmod(name: string): number | null {
    if (!this.config.modules) return -ENOSYS
    const module = this.#module(name)
    return module === undefined ? -ENOENT : this.task('rmmod', () => delete_module(module))
  }

  /**
   * Starts a partition migration, like the agent of the management console.
   *
   * @param streamId - number of the migration, which the kernel passes to firmware
   * @returns the result of `write`
   */
  migrate(streamId = '1'): number | null {
    return this.write('/sys/kernel/mobility/migration', streamId)
  }

  /** Runs the work on all workqueues until no work is left that can start. */
  settle(): void {
    this.task('init', settleWorkqueues)
  }

  #module(name: string): Module | undefined {
    return this.#modules.find((module) => module.name === name)
  }
}

/**
 * Boots a kernel: hands over the device tree, then runs the initcalls of all subsystems level by level.
 *
 * @returns the machine, ready for use. If the boot failed, `outcome` of the machine says how.
 */
export function bootMachine(options: BootOptions): Machine {
  const machine = new Machine(
    { ...recordedConfig, ...options.config },
    {
      firmware: options.firmware ?? null,
      callChains: options.callChains ?? true,
      backgroundEvents: options.backgroundEvents ?? true,
      haltOf: haltOfProgram,
      leaveKernel: lockdep_sys_exit,
    },
    options.modules ?? [],
  )
  machine.task('swapper', () => {
    boot().initial_boot_params = options.devicetree
    start_kernel(options.subsystems)
  })
  return machine
}

/**
 * Models `start_kernel` (init/main.c, v4.18). It only runs the subsystems, in the order of the kernel.
 */
function start_kernel(subsystems: readonly Subsystem[]): void {
  for (const fn of callsOf(subsystems, 'setup_arch')) fn()
  kernel_init(subsystems)
}

/** Models `kernel_init` (init/main.c, v4.18). Call chains of the boot show its name. */
function kernel_init(subsystems: readonly Subsystem[]): void {
  kernel_init_freeable(subsystems)
}

/** Models `kernel_init_freeable` (init/main.c, v4.18): runs the initcalls. */
function kernel_init_freeable(subsystems: readonly Subsystem[]): void {
  for (const fn of callsOf(subsystems, 'early')) do_one_initcall(fn)
  driver_init(subsystems)
  do_one_initcall(ksysfs_init)
  for (const level of initLevels.slice(initLevels.indexOf('driver_init') + 1)) {
    if (level === 'late') do_one_initcall(deferred_probe_initcall)
    for (const fn of callsOf(subsystems, level)) do_one_initcall(fn)
  }
}

/**
 * Models `driver_init` (drivers/base/init.c, v4.18): creates `/sys/devices` and `/sys/bus` before subsystems use them.
 */
function driver_init(subsystems: readonly Subsystem[]): void {
  devices_init()
  buses_init()
  for (const fn of callsOf(subsystems, 'driver_init')) fn()
}

function callsOf(subsystems: readonly Subsystem[], level: InitLevel): (() => unknown)[] {
  return subsystems.flatMap((subsystem) =>
    subsystem.initcalls.filter((call) => call.level === level).map((call) => call.fn),
  )
}
