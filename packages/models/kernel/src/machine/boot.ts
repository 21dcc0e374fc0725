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
import { realPath, vfs_read, vfs_readdir, vfs_readlink, vfs_write } from '../fs/vfs.ts'
import { settleWorkqueues } from '../kernel/workqueue.ts'

/** When a part of the kernel runs, in boot order: calls of init/main.c (`setup_arch`, `driver_init`) and the initcall levels. */
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

/** A built-in part of the kernel: what it runs at which point of the boot. */
export interface Subsystem {
  readonly name: string
  readonly initcalls: readonly {
    readonly level: InitLevel
    /** The function; its result is ignored, as the kernel ignores it. */
    readonly fn: () => unknown
  }[]
}

/** What a machine is made of. */
export interface BootOptions {
  /** Deviations from the configuration of the recorded kernel. */
  readonly config?: Partial<KernelConfig>
  /** Flattened device tree that firmware hands over. */
  readonly devicetree: Uint8Array
  /** What answers RTAS calls; without it there is no firmware to call. */
  readonly firmware?: Firmware
  readonly subsystems: readonly Subsystem[]
  /** Modules that can be loaded. */
  readonly modules?: readonly Module[]
  /** Record the kernel call chain of every event. Default true. */
  readonly callChains?: boolean
  /** Record allocations and changes of sysfs as events. Default true. */
  readonly backgroundEvents?: boolean
}

const boot = fileScope(() => ({ initial_boot_params: null as Uint8Array | null }))

/** The flattened device tree that firmware handed over (`initial_boot_params`, drivers/of/fdt.c). */
export function initialBootParams(): Uint8Array {
  const { initial_boot_params } = boot()
  if (initial_boot_params === null) throw new Error('the machine has not been booted')
  return initial_boot_params
}

/** What a file or a link of `/sys` or `/proc` would give; nothing was touched to find out. */
export type Peeked = {
  /** Whether freed memory would be read on the way. */
  readonly usedFreed: boolean
} & (
  | {
      readonly outcome: 'completed'
      /** Its content, or the text of a link, one character a byte; a negative errno. */
      readonly value: string | number
      /** Of a link the path that it leads to; null for one that leads nowhere, and for a file. */
      readonly target: string | null
    }
  /** The reader would die, or wait without end. */
  | { readonly outcome: 'oops' | 'deadlock' }
)

/** A booted machine, used from outside as a person uses a running Linux. */
export class Machine extends MachineState {
  readonly #modules: readonly Module[]

  constructor(config: KernelConfig, parts: MachineParts, modules: readonly Module[]) {
    super(config, parts)
    this.#modules = modules
  }

  /**
   * Reads a file of `/sys` or `/proc`.
   *
   * @returns its bytes, a negative errno, or null if the reading task did not come back
   */
  readBytes(path: string): Uint8Array | number | null {
    return this.task('cat', () => vfs_read(path))
  }

  /**
   * What a read of a file would give, by the kernel's own functions, without a trace on the machine.
   *
   * @param path - below `/sys` or `/proc`
   */
  peek(path: string): Peeked {
    const read = this.tryOut(() => {
      const content = vfs_read(path)
      return content instanceof Uint8Array ? fromBytes(content) : content
    })
    return read.outcome === 'completed' ? { ...read, target: null } : read
  }

  /** What a read of a link would give, and where it leads, without a trace on the machine. */
  peekLink(path: string): Peeked {
    const read = this.tryOut(() => vfs_readlink(path))
    if (read.outcome !== 'completed') return read
    const followed = this.tryOut(() => realPath(path))
    const isThere = followed.outcome === 'completed' && typeof followed.value === 'string'
    return { ...read, target: isThere ? followed.value : null }
  }

  /** As `readBytes`, as text. */
  read(path: string): string | number | null {
    const bytes = this.readBytes(path)
    return bytes instanceof Uint8Array ? fromBytes(bytes) : bytes
  }

  /** Names in a directory, sorted; a negative errno; or null if the task did not come back. */
  readdir(path: string): string[] | number | null {
    return this.task('ls', () => vfs_readdir(path))
  }

  /** The text of a symbolic link; a negative errno; or null if the task did not come back. */
  readlink(path: string): string | number | null {
    return this.task('ls', () => vfs_readlink(path))
  }

  /**
   * Writes to a file of `/sys` or `/proc` in one piece.
   *
   * @param data - bytes, or text whose characters are bytes
   * @returns the number of bytes taken, a negative errno, or null if the writing task did not come back
   */
  write(path: string, data: string | Uint8Array): number | null {
    const bytes = typeof data === 'string' ? toBytes(data, false) : data
    return this.task('init', () => vfs_write(path, bytes))
  }

  /**
   * Loads a module by name.
   *
   * @returns 0; a negative errno, -ENOSYS on a kernel without modules; or null if the task did not come back
   */
  insmod(name: string): number | null {
    if (!this.config.modules) return -ENOSYS
    const module = this.#module(name)
    return module === undefined ? -ENOENT : this.task('insmod', () => do_init_module(module))
  }

  /** Unloads a module by name; returns as `insmod` does. */
  rmmod(name: string): number | null {
    if (!this.config.modules) return -ENOSYS
    const module = this.#module(name)
    return module === undefined ? -ENOENT : this.task('rmmod', () => delete_module(module))
  }

  /** Starts a partition migration, as the management console's agent does. */
  migrate(streamId = '1'): number | null {
    return this.write('/sys/kernel/mobility/migration', streamId)
  }

  /** Lets deferred work run until nothing is left to do. */
  settle(): void {
    this.task('init', settleWorkqueues)
  }

  #module(name: string): Module | undefined {
    return this.#modules.find((module) => module.name === name)
  }
}

/**
 * Boots a kernel: parses the device tree, runs the initcalls of all subsystems level by level.
 *
 * @returns the machine, ready for use; if the boot itself died, its `outcome` says so
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

/** Models the order of `start_kernel` and `kernel_init_freeable` (init/main.c, v4.18) as far as subsystems see it. */
function start_kernel(subsystems: readonly Subsystem[]): void {
  for (const fn of callsOf(subsystems, 'setup_arch')) fn()
  kernel_init(subsystems)
}

function kernel_init(subsystems: readonly Subsystem[]): void {
  kernel_init_freeable(subsystems)
}

function kernel_init_freeable(subsystems: readonly Subsystem[]): void {
  for (const fn of callsOf(subsystems, 'early')) do_one_initcall(fn)
  driver_init(subsystems)
  do_one_initcall(ksysfs_init)
  for (const level of initLevels.slice(initLevels.indexOf('driver_init') + 1)) {
    if (level === 'late') do_one_initcall(deferred_probe_initcall)
    for (const fn of callsOf(subsystems, level)) do_one_initcall(fn)
  }
}

/** Models `driver_init` (drivers/base/init.c, v4.18). */
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
