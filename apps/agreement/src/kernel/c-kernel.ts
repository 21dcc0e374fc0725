// SPDX-License-Identifier: GPL-2.0-only
import type {
  Find,
  NodeBirth,
  ObservedDevice,
  ObservedNode,
  RecordedKernel,
  UserSpace,
} from '@pfo-workbench/conformance/replay'
import {
  freedNode,
  linkedNodes,
  listDirectory,
  readLink,
  vioDevices,
  type BootedCKernel,
} from '@pfo-workbench/engine-c'
import { hasFlag, registeredAlgorithms, registeredGenerators } from '@pfo-workbench/host'
import type { KernelEvent } from '@pfo-workbench/kernel'
import { addressOf, pointerTo, type Machine, type ObjectRecord } from '@pfo-workbench/machine'
import { find } from './c-finders.ts'
import { observe } from './observed-device.ts'

/** A kernel in C on which recordings are replayed. */
export class CKernel implements RecordedKernel {
  readonly #kernel: BootedCKernel
  readonly #machine: Machine
  readonly userSpace: UserSpace
  readonly observedFrom: number
  readonly #births: NodeBirth[] = []
  #seen = 0

  /** @param observedFrom - number of the first event that the recorder could observe */
  constructor(kernel: BootedCKernel, observedFrom: number) {
    this.#kernel = kernel
    this.#machine = kernel.machine
    this.userSpace = {
      insmod: (name) => kernel.insmod(name),
      rmmod: (name) => kernel.rmmod(name),
      read: (path) => kernel.read(path),
      write: (path, text) => kernel.write(path, text),
      readdir: (path) => listDirectory(kernel.machine, path),
      readlink: (path) => readLink(kernel.machine, path),
    }
    this.observedFrom = observedFrom
  }

  get step(): number {
    return this.#kernel.step
  }

  set step(step: number) {
    this.#kernel.step = step
  }

  get events(): readonly KernelEvent[] {
    // The C engine has additional types of events, such as out-of-bounds accesses. The replay ignores these, because
    // recordings do not contain them.
    return this.#kernel.events as unknown as readonly KernelEvent[]
  }

  get slubPoison(): boolean {
    return this.#machine.options.slubPoison
  }

  get lastTaskHangs(): boolean {
    return this.#machine.tasks.at(-1)?.state === 'blocked'
  }

  updateTree(scope: number): number | null {
    const machine = this.#machine
    return machine.task('init', () =>
      Number(BigInt.asIntN(32, machine.call('pseries_devicetree_update', scope))),
    )
  }

  settle(): void {
    this.#kernel.settle()
  }

  lookUp<T>(body: (find: Find) => T): T | null {
    const machine = this.#machine
    return machine.task('cat', () =>
      body((finder) => {
        const pointer = find(machine, finder)
        if (pointer === 0n) return null
        return { object: machine.idOf(pointer), put: () => void machine.call('of_node_put', pointer) }
      }),
    )
  }

  births(): readonly NodeBirth[] {
    const { events } = this
    for (const event of events.slice(this.#seen)) {
      if (event.type !== 'alloc' || event.struct !== 'device_node') continue
      const { object, step } = event
      const chain = event.chain.map((frame) => frame.function)
      this.#births.push({ step, chain, ...this.#atBirth(object) })
    }
    this.#seen = events.length
    return this.#births
  }

  #atBirth(object: string): Pick<NodeBirth, 'object' | 'fullName' | 'parent' | 'isDynamic'> {
    const freed = freedNode(this.#machine, object)
    if (freed !== null) {
      const { path, flags } = freed
      const fullName = path.slice(path.lastIndexOf('/') + 1)
      return { object, fullName, parent: null, isDynamic: flags.includes('OF_DYNAMIC') }
    }
    const node = this.node(object)
    const { fullName, parent, isDynamic } = node ?? { fullName: null, parent: null, isDynamic: false }
    return { object, fullName, parent, isDynamic }
  }

  node(object: string): ObservedNode | null {
    const record = this.#record(object)
    if (record === undefined) return null
    const machine = this.#machine
    const view = machine.view('device_node', pointerTo(record.address))
    const parent = view.pointerIn('parent')
    return machine.inspect(() => ({
      object: machine.idOf(view.pointer),
      refcount: machine.memory.s32(view.addressOf('kobj.kref')),
      phandle: Number(view.unsigned('phandle')),
      name: view.string('name'),
      fullName: view.string('full_name'),
      parent: parent === 0n ? null : machine.idOf(parent),
      isDynamic: hasFlag(machine, view.pointer, 'OF_DYNAMIC'),
      isDetached: hasFlag(machine, view.pointer, 'OF_DETACHED'),
      inSysfs: view.bit('kobj.state_in_sysfs'),
      sysfsName: view.string('kobj.name'),
    }))
  }

  #record(object: string): ObjectRecord | undefined {
    return this.#machine.objects.all.find(({ id }) => id === object)
  }

  liveNodes(): readonly string[] {
    const machine = this.#machine
    return [...linkedNodes(machine)].map((address) => machine.idOf(pointerTo(address)))
  }

  cacheSlot(handle: number): { slot: number; object: string | null } {
    const machine = this.#machine
    const symbol = machine.symbols.find('phandle_cache')
    if (symbol === null) return { slot: -1, object: null }
    // Since v5.6 the cache is an array with hashed slots. Earlier kernels allocate it with a size that depends on the
    // number of phandles.
    const isArray = symbol.size > 8
    const slot = isArray ? hash32(handle, Math.log2(symbol.size / 8)) : handle & maskOf(machine)
    const first = isArray ? symbol.address : machine.memory.u64(addressOf(symbol.address))
    if (!machine.memory.holds(first, 8)) return { slot, object: null }
    const pointer = machine.memory.u64(addressOf(first) + 8 * slot)
    return { slot, object: pointer === 0n ? null : machine.idOf(pointer) }
  }

  vioDevices(): readonly ObservedDevice[] {
    const machine = this.#machine
    const own = machine.symbols.pointerTo('vio_bus_device')
    return machine.inspect(() =>
      vioDevices(machine)
        .filter(({ pointer }) => pointer !== own)
        .map((device) => observe(machine, device)),
    )
  }

  hwrng(): string | null {
    return registeredGenerators(this.#machine)[0] ?? null
  }

  algorithms(): readonly string[] {
    return registeredAlgorithms(this.#machine)
  }

  reuseMemory(choose: () => string | null): void {
    this.#machine.allocator.reuse = (struct) => {
      const object = struct === 'device_node' ? choose() : null
      return object === null ? null : (this.#record(object) ?? null)
    }
  }
}

/** `hash_32(handle, bits)` of include/linux/hash.h, whose factor is `GOLDEN_RATIO_32`. */
function hash32(handle: number, bits: number): number {
  return Math.imul(handle, 0x61c88647) >>> (32 - bits)
}

function maskOf(machine: Machine): number {
  return machine.memory.u32(addressOf(machine.pointerTo('phandle_cache_mask')))
}
