// SPDX-License-Identifier: GPL-2.0-only
import {
  currentRng,
  type cstr,
  device_node,
  fromBytes,
  injectMemoryReuse,
  isFreed,
  type KernelEvent,
  type Machine,
  objectId,
  OF_DETACHED,
  OF_DYNAMIC,
  registeredAlgorithms,
  text,
} from '@pfo-workbench/kernel'
import {
  __of_find_all_nodes,
  of_find_compatible_node,
  of_find_node_by_name,
  of_find_node_by_path,
  of_find_node_by_phandle,
  of_find_node_by_type,
  of_node_check_flag,
  of_node_put,
  phandleCacheSlots,
} from '@pfo-workbench/of'
import { pseries_devicetree_update } from '@pfo-workbench/pseries'
import { type vio_dev, vioState, to_vio_dev } from '@pfo-workbench/vio'
import type { RecordedMachine } from './machine.ts'
import type {
  BorrowedText,
  Find,
  Finder,
  NodeBirth,
  ObservedDevice,
  ObservedNode,
  RecordedKernel,
  UserSpace,
} from './recorded-kernel.ts'

/** The models as a kernel for replays. */
export class ModelKernel implements RecordedKernel {
  readonly #machine: Machine
  readonly userSpace: UserSpace
  readonly observedFrom: number
  readonly #births: NodeBirth[] = []
  /** Each node by the object name of its allocation. If memory was reused, several names refer to one node. */
  readonly #nodes = new Map<string, device_node>()
  #seen = 0
  /** Cache slot of each phandle of the boot tree. After boot, the cache has all of these phandles. */
  readonly #slots: ReadonlyMap<number, number>

  constructor({ machine, observedFrom }: RecordedMachine) {
    this.#machine = machine
    this.userSpace = machine
    this.observedFrom = observedFrom
    this.#slots = new Map(
      machine.inspect(() => phandleCacheSlots().map(({ node, slot }) => [node.phandle, slot] as const)),
    )
  }

  get step(): number {
    return this.#machine.step
  }

  set step(step: number) {
    this.#machine.step = step
  }

  get events(): readonly KernelEvent[] {
    return this.#machine.events
  }

  get slubPoison(): boolean {
    return this.#machine.config.slubPoison
  }

  get lastTaskHangs(): boolean {
    return this.#machine.tasks.at(-1)?.state === 'blocked'
  }

  updateTree(scope: number): number | null {
    return this.#machine.task('init', () => pseries_devicetree_update(scope))
  }

  settle(): void {
    this.#machine.settle()
  }

  lookUp<T>(body: (find: Find) => T): T | null {
    return this.#machine.task('cat', () =>
      body((finder) => {
        const np = finders.get(finder.how)?.(finder) ?? null
        return np === null ? null : { object: objectId(np), put: putter(np) }
      }),
    )
  }

  births(): readonly NodeBirth[] {
    const { events } = this.#machine
    for (const event of events.slice(this.#seen)) {
      if (event.type !== 'alloc' || event.struct !== 'device_node') continue
      const np = this.#machine.heap.find(
        (object) => object instanceof device_node && objectId(object) === event.object,
      )
      if (!(np instanceof device_node)) continue
      this.#nodes.set(event.object, np)
      const { object, step } = event
      const chain = event.chain.map((frame) => frame.function)
      const { fullName, parent, isDynamic } = this.#observe(np)
      this.#births.push({ object, step, chain, fullName, parent, isDynamic })
    }
    this.#seen = events.length
    return this.#births
  }

  node(object: string): ObservedNode | null {
    this.births()
    const np = this.#nodes.get(object)
    return np === undefined ? null : this.#observe(np)
  }

  #observe(np: device_node): ObservedNode {
    return this.#machine.inspect(() => ({
      object: objectId(np),
      refcount: np.kobj.kref.refcount.refs,
      phandle: np.phandle,
      name: textOrNull(np.name),
      fullName: textOrNull(np.full_name),
      parent: np.parent === null ? null : objectId(np.parent),
      isDynamic: of_node_check_flag(np, OF_DYNAMIC),
      isDetached: of_node_check_flag(np, OF_DETACHED),
      inSysfs: np.kobj.state_in_sysfs,
      sysfsName: printed(np.kobj.name),
    }))
  }

  liveNodes(): readonly string[] {
    return this.#machine.inspect(() => {
      const linked: string[] = []
      for (let np = __of_find_all_nodes(null); np !== null; np = __of_find_all_nodes(np))
        linked.push(objectId(np))
      return linked
    })
  }

  cacheSlot(handle: number): { slot: number; object: string | null } {
    const slot = this.#slots.get(handle) ?? -1
    return this.#machine.inspect(() => {
      const entry = phandleCacheSlots().find((one) => one.slot === slot)
      return { slot, object: entry === undefined ? null : objectId(entry.node) }
    })
  }

  vioDevices(): readonly ObservedDevice[] {
    return this.#machine.inspect(() => {
      const { vio_bus_type, vio_bus_device } = vioState()
      return (vio_bus_type.p?.klist_devices ?? [])
        .map(to_vio_dev)
        .filter((viodev) => viodev !== vio_bus_device)
        .map(observe)
    })
  }

  hwrng(): string | null {
    return this.#machine.inspect(currentRng)
  }

  algorithms(): readonly string[] {
    return this.#machine.inspect(registeredAlgorithms)
  }

  reuseMemory(choose: () => string | null): void {
    this.#machine.inspect(() => {
      injectMemoryReuse((struct) => {
        const object = struct === 'device_node' ? choose() : null
        const memory = object === null ? undefined : this.#nodes.get(object)
        return memory !== undefined && isFreed(memory) ? memory : null
      })
    })
  }
}

type NodeFinder = (finder: Finder) => device_node | null

/** The functions are unnamed, so that call chains show only the finders. */
const finders: ReadonlyMap<Finder['how'], NodeFinder> = new Map<Finder['how'], NodeFinder>([
  ['of_find_node_by_phandle', (finder) => of_find_node_by_phandle('handle' in finder ? finder.handle : 0)],
  ['of_find_node_by_name', (finder) => of_find_node_by_name(null, textOf(finder))],
  ['of_find_node_by_path', (finder) => of_find_node_by_path(textOf(finder))],
  ['of_find_node_by_type', (finder) => of_find_node_by_type(null, textOf(finder))],
  ['of_find_compatible_node', (finder) => of_find_compatible_node(null, null, textOf(finder))],
])

/** Returns a function that puts a node. The function is unnamed, so that call chains do not show it. */
function putter(np: device_node): () => void {
  const [put] = [() => of_node_put(np)] as const
  return put
}

const textOf = (finder: Finder): string => ('text' in finder ? finder.text : '')

function observe({ dev, name, type }: vio_dev): ObservedDevice {
  return {
    name: textOrNull(dev.kobj.name),
    refcount: dev.kobj.kref.refcount.refs,
    node: dev.of_node === null ? null : objectId(dev.of_node),
    isNodeDetached: dev.of_node === null ? null : of_node_check_flag(dev.of_node, OF_DETACHED),
    vioName: borrowed(name),
    vioType: borrowed(type),
    driver: dev.driver?.name ?? null,
  }
}

function textOrNull(p: cstr | null): string | null {
  return p === null ? null : text(p)
}

/** The text that `%s` prints, even from freed memory. */
function printed(p: cstr | null): string | null {
  return p === null ? null : (fromBytes(p.memory.bytes.subarray(p.offset)).split('\0')[0] ?? '')
}

function borrowed(p: cstr | null): BorrowedText {
  return p?.memory.slab?.freed === true ? { freed: true } : textOrNull(p)
}
