// SPDX-License-Identifier: GPL-2.0-only
import {
  fakeMachine,
  int,
  layoutOf,
  long,
  pointer,
  watchImports,
  type FakeOptions,
} from '@pfo-workbench/machine/fake'
import { addressOf, type Machine, type WasmFunction } from '@pfo-workbench/machine'
import { Partition } from '@pfo-workbench/powervm'
import { createProcessor, hostFunctions, watches, type Firmware } from '../src/index.ts'

/** Structures that host functions access. The offsets differ between kernels and do not matter. */
const structures = new Map([
  [
    'work_struct',
    layoutOf([
      ['data', long, 8],
      ['func', pointer(), 8],
    ]),
  ],
  [
    'timer_list',
    layoutOf([
      ['expires', long, 8],
      ['function', pointer(), 8],
      ['flags', int, 4],
    ]),
  ],
  [
    'wait_queue_head',
    layoutOf([
      ['lock', int, 8],
      ['head', long, 16],
    ]),
  ],
  [
    'swait_queue_head',
    layoutOf([
      ['lock', int, 8],
      ['task_list', long, 16],
    ]),
  ],
  [
    'hrtimer',
    layoutOf([
      ['node', long, 8],
      ['function', pointer(), 8],
    ]),
  ],
  ['hwrng', layoutOf([['name', pointer(), 8]])],
  [
    'crypto_alg',
    layoutOf([
      ['cra_list', long, 16],
      ['cra_name', long, 128],
      ['cra_driver_name', long, 128],
    ]),
  ],
  [
    'shash_alg',
    layoutOf([
      ['init', pointer(), 8],
      ['base', { kind: 'struct', name: 'crypto_alg', size: 272 }, 272],
    ]),
  ],
  ['kobject', layoutOf([['name', pointer(), 8]])],
  [
    'kobj_uevent_env',
    layoutOf([
      ['envp', { kind: 'array', element: pointer(), count: 4 }, 32],
      ['envp_idx', int, 4],
    ]),
  ],
  [
    'subprocess_info',
    layoutOf([
      ['path', pointer(), 8],
      ['argv', pointer(), 8],
      ['envp', pointer(), 8],
      ['init', pointer(), 8],
      ['cleanup', pointer(), 8],
      ['data', pointer(), 8],
    ]),
  ],
  [
    'kmem_cache_args',
    layoutOf([
      ['align', int, 8],
      ['ctor', pointer(), 8],
    ]),
  ],
  [
    'task_struct',
    layoutOf([
      ['pid', int, 8],
      ['comm', long, 16],
      ['usage', { kind: 'struct', name: 'refcount_struct', size: 4 }, 8],
    ]),
  ],
  ['refcount_struct', layoutOf([['refs', { kind: 'struct', name: 'atomic_t', size: 4 }, 4]])],
  ['atomic_t', layoutOf([['counter', int, 4]])],
  [
    'paca_struct',
    layoutOf([
      ['__current', pointer(), 8],
      ['irq_soft_mask', { kind: 'integer', size: 1, signed: false }, 8],
      ['hw_cpu_id', { kind: 'integer', size: 2, signed: true }, 2],
    ]),
  ],
  ['device', layoutOf([['bus', pointer(), 8]])],
  ['iommu_table', layoutOf([['it_kref', int, 8]])],
  ['thread_info', layoutOf([['task', pointer(), 8]])],
])

const constants: Readonly<Record<string, bigint>> = {
  pfo_GFP_ZERO: 0x100n,
  pfo_GFP_DIRECT_RECLAIM: 0x400n,
  pfo_PAGE_SIZE: 65536n,
  pfo_HZ: 100n,
}

/** Flags of an allocation that may sleep. */
export const GFP_KERNEL = 0x400n
/** Flags of an allocation that must not sleep. */
export const GFP_ATOMIC = 0n
/** Requests zeroed memory. */
export const GFP_ZERO = 0x100n

/** A machine with all host functions, called as C calls them. */
export interface HostMachine {
  readonly machine: Machine
  /** Calls a host function. All parameters and the result are unsigned 64-bit numbers. */
  call(name: string, ...values: readonly (bigint | number)[]): bigint
  /** Like `call`, with a signed result. */
  callSigned(name: string, ...values: readonly (bigint | number)[]): number
  /** Reports the call of a watched function, by its index among the watchpoints. */
  enter(index: number, ...values: readonly bigint[]): void
  /** Reports the return of a watched function, by its index among the watchpoints. */
  leave(index: number, result: bigint): void
  /** Memory that contains a text. */
  text(value: string): bigint
  /** Zeroed memory. */
  space(size: number): bigint
  /** Fields of the events of a type. */
  events(type: string): unknown[]
}

/**
 * Creates a machine with all host functions.
 *
 * @param firmware - answers RTAS calls
 */
export function hostMachine(options: FakeOptions = {}, firmware: Firmware = new Partition()): HostMachine {
  const hosts = hostFunctions(() => firmware)
  const names = Object.keys(hosts)
  const wide = Array.from({ length: 7 }, () => 'i64' as const)
  const constantFunctions = Object.fromEntries(
    Object.entries(constants).map(([name, value]): [string, WasmFunction] => [name, () => value]),
  )
  // A vsnprintf that does not format: it copies the format string and returns 0.
  const vsnprintf: WasmFunction = (buffer, _size, format) => {
    const { memory } = machine
    memory.setString(addressOf(BigInt(buffer)), memory.stringAt(BigInt(format)) ?? '')
    return 0n
  }
  const { machine, imported } = fakeMachine({
    ...options,
    functions: { ...constantFunctions, vsnprintf, ...options.functions },
    structures: new Map([...structures, ...(options.structures ?? [])]),
    hosts,
    watches,
    imports: [
      ...names.map(
        (name) =>
          ({
            kind: 'host',
            name,
            signature: { parameters: wide, results: ['i64'] },
            variadic: false,
          }) as const,
      ),
      ...watchImports,
    ],
  })
  createProcessor(machine)
  const call: HostMachine['call'] = (name, ...values) => {
    const found = imported[names.indexOf(name)]
    if (found === undefined) throw new Error(`there is no host ${name}`)
    const result = found(...wide.map((_, index) => BigInt.asIntN(64, BigInt(values[index] ?? 0))))
    return BigInt.asUintN(64, result as bigint)
  }
  return {
    machine,
    call,
    callSigned: (name, ...values) => Number(BigInt.asIntN(32, call(name, ...values))),
    enter: (index, ...values) => imported[names.length]?.(index, ...values),
    leave: (index, result) => imported[names.length + 1]?.(index, result),
    text: (value) => {
      const at = machine.allocator.reserve(value.length + 1)
      machine.memory.setString(addressOf(at), value)
      return at
    },
    space: (size) => machine.allocator.reserve(size),
    events: (type) =>
      machine.journal.events.filter((event) => event.type === type).map(({ fields }) => fields),
  }
}
