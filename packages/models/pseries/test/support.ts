// SPDX-License-Identifier: GPL-2.0-only
import {
  bootMachine,
  injectAllocationFailures,
  type BootOptions,
  type Firmware,
  type KernelEvent,
  type KernelEventType,
  type Machine,
  type RtasArgument,
} from '@pfo-workbench/kernel'
import { must } from '@pfo-workbench/kernel/testing'
import {
  inspectOf,
  of_find_node_by_path,
  of_node_put,
  ofCore,
  type device_node,
  type NodeSnapshot,
} from '@pfo-workbench/of'
import {
  Partition,
  readDeviceTree,
  stringValue,
  writeDeviceTree,
  type FirmwareNode,
  type RtasServiceName,
} from '@pfo-workbench/powervm'
import { pseriesPlatform } from '../src/index.ts'

export const FACILITIES = '/ibm,platform-facilities'
export const RANDOM = `${FACILITIES}/ibm,random-v1`
export const COMPRESSION = `${FACILITIES}/ibm,compression-v1`
export const SYM_ENCRYPTION = `${FACILITIES}/ibm,sym-encryption-v1`

/** Phandles and DRC indexes of the facilities, as on PowerVM. */
export const HANDLE = { facilities: 0xfffffff6, random: 0xfffffff5, compression: 0xfffffff4 } as const
export const DRC = { facilities: 0x50000000, random: 0x50000001 } as const

/** A machine on a partition, with only the OF core and the pseries platform. */
export function boot(partition: Partition, options: Partial<BootOptions> = {}): Machine {
  return bootMachine({
    devicetree: partition.devicetree(),
    firmware: partition,
    subsystems: [ofCore, pseriesPlatform],
    ...options,
  })
}

/** An answer of a service: the status and the other return words. */
export type Service = (args: readonly RtasArgument[]) => readonly number[]

/** The partition's firmware, with some services answered by the test. */
export function firmwareWith(
  partition: Partition,
  services: { readonly [Name in RtasServiceName]?: Service },
): Firmware {
  const byToken = new Map<number, Service>()
  for (const [name, service] of Object.entries(services)) {
    byToken.set(partition.token(name as RtasServiceName), service)
  }
  return {
    rtas: (token, args) => byToken.get(token)?.(args) ?? partition.rtas(token, args),
    hcall: (opcode, args) => partition.hcall(opcode, args),
  }
}

/** A machine on a partition, with some services answered by the test. */
export function bootWith(
  services: { readonly [Name in RtasServiceName]?: Service },
  options: Partial<BootOptions> = {},
): Machine {
  const partition = new Partition()
  return boot(partition, { firmware: firmwareWith(partition, services), ...options })
}

/** The tree of a partition with a change to one node. */
export function changedTree(path: string, change: (node: FirmwareNode) => void): Uint8Array {
  const tree = readDeviceTree(new Partition().devicetree())
  let node: FirmwareNode | undefined = tree.root
  for (const name of path.split('/').slice(1)) node = node?.children.find((child) => child.name === name)
  change(must(node))
  return writeDeviceTree(tree)
}

/** The tree of a partition whose firmware lacks a service. */
export function treeWithout(service: RtasServiceName): Uint8Array {
  return changedTree('/rtas', (rtas) => {
    rtas.properties = rtas.properties.filter((property) => property.name !== service)
  })
}

/** A service that gives these answers in turn, then repeats the last one. */
export function inTurns(...answers: readonly [Service, ...Service[]]): Service {
  let turn = 0
  return (args) => must(answers[Math.min(turn++, answers.length - 1)])(args)
}

/** A service that returns these statuses in turn and does nothing more. */
export function statuses(...list: readonly [number, ...number[]]): Service {
  return inTurns(...(list.map((status): Service => () => [status]) as [Service, ...Service[]]))
}

function areaOf(args: readonly RtasArgument[]): Uint8Array {
  const [area] = args
  if (!(area instanceof Uint8Array)) throw new Error('the service was called without a work area')
  return area
}

/** Writes big-endian words. */
export function putWords(area: Uint8Array, at: number, words: readonly number[]): void {
  const view = new DataView(area.buffer, area.byteOffset, area.byteLength)
  words.forEach((word, index) => {
    view.setUint32(at + index * 4, word)
  })
}

/** An answer of ibm,update-nodes: these words after the four reserved for firmware. */
export function nodeList(words: readonly number[], status = 0): Service {
  return (args) => {
    const area = areaOf(args)
    area.fill(0, 16)
    putWords(area, 16, words)
    return [status]
  }
}

/** One descriptor of ibm,update-properties. */
export interface Descriptor {
  readonly name: string
  readonly vd: number
  readonly value?: string
}

/** An answer of ibm,update-properties. */
export function propertyList(descriptors: readonly Descriptor[], status = 0): Service {
  return (args) => {
    const area = areaOf(args)
    area.fill(0, 4)
    putWords(area, 16, [descriptors.length])
    let at = 20
    for (const { name, vd, value = '' } of descriptors) {
      const terminated = name === '' ? new Uint8Array(1) : stringValue(name)
      area.set(terminated, at)
      putWords(area, at + terminated.length, [vd])
      area.set(stringValue(value).subarray(0, value.length), at + terminated.length + 4)
      at += terminated.length + 4 + value.length
    }
    return [status]
  }
}

/** One answer of ibm,configure-connector. */
export interface Piece {
  readonly status: number
  readonly name?: string
  readonly value?: string
}

/** ibm,configure-connector that returns these pieces, one per call. */
export function connector(pieces: readonly [Piece, ...Piece[]]): Service {
  return inTurns(
    ...(pieces.map(({ status, name = '', value = '' }): Service => (args) => {
      const area = areaOf(args)
      putWords(area, 8, [0x100, value.length, 0x200])
      area.set(stringValue(name), 0x100)
      area.set(stringValue(value), 0x200)
      return [status]
    }) as [Service, ...Service[]]),
  )
}

/** The statuses of ibm,configure-connector by name. */
export const cc = {
  complete: { status: 0 },
  sibling: (name: string): Piece => ({ status: 1, name }),
  child: (name: string): Piece => ({ status: 2, name }),
  property: (name: string, value: string): Piece => ({ status: 3, name, value }),
  parent: { status: 4 },
  again: { status: -2 },
} as const

/** Events of a type that `body` causes; or all from a position in the run on. */
export function eventsOf<Type extends KernelEventType>(
  machine: Machine,
  type: Type,
  body: () => unknown = () => null,
  from: number = machine.events.length,
): KernelEvent<Type>[] {
  body()
  const ofType = (event: KernelEvent): event is KernelEvent<Type> & KernelEvent => event.type === type
  return machine.events.slice(from).filter(ofType)
}

/** Number of calls of a service in the run. */
export function calls(machine: Machine, service: string): number {
  return eventsOf(machine, 'rtas.call', undefined, 0).filter((event) => event.service === service).length
}

/** Objects allocated since a position in the run and not yet freed. */
export function leftSince(machine: Machine, from: number): string[] {
  const left = new Set<string>()
  for (const event of machine.events.slice(from)) {
    if (event.type === 'alloc') left.add(event.object)
    if (event.type === 'free') left.delete(event.object)
  }
  return [...left]
}

/** Objects allocated while `body` runs and not freed at its end. */
export function leftBehind(machine: Machine, body: () => unknown): string[] {
  const from = machine.events.length
  body()
  return leftSince(machine, from)
}

/** The kernel functions in the call chain of an event, innermost first, up to `outermost`. */
export function callers(event: KernelEvent | undefined, outermost: string): string[] {
  const names = must(event).chain.map((frame) => frame.function)
  return names.slice(0, names.indexOf(outermost) + 1)
}

/** The node at a path, without a reference. */
export function nodeAt(path: string): device_node {
  const np = must(of_find_node_by_path(path))
  of_node_put(np)
  return np
}

/** The current state of a node, by path and generation (0: from the boot tree); undefined if it never existed. */
export function node(machine: Machine, path: string, generation = 0): NodeSnapshot | undefined {
  return inspectOf(machine).nodes.find((one) => one.path === path && one.generation === generation)
}

/** Reference count of the node at a path. */
export function count(machine: Machine, path: string, generation = 0): number {
  return must(node(machine, path, generation)).refcount
}

/** A property of a node as text, without its terminator. */
export function valueOf(machine: Machine, path: string, name: string): string | undefined {
  const value = node(machine, path)?.properties[name]
  return value === undefined ? undefined : String.fromCharCode(...value)
}

/** Names of the nodes in the live tree below a path. */
export function childrenOf(machine: Machine, path: string): string[] {
  const below = path === '/' ? '/' : `${path}/`
  return inspectOf(machine)
    .nodes.filter((one) => one.inTree && one.path !== '/' && one.path.startsWith(below))
    .map((one) => one.path.slice(below.length))
    .filter((name) => !name.includes('/'))
}

/**
 * Makes the allocation with this number (from 0) fail while `body` runs.
 *
 * @returns the result of `body`, and the struct whose allocation failed (`bytes` for a buffer), or null if there were
 * fewer allocations
 */
export function withFailure<T>(
  machine: Machine,
  number: number,
  body: () => T,
): { readonly failed: string | null; readonly result: T } {
  let next = 0
  const failed: string[] = []
  machine.inspect(() => {
    injectAllocationFailures((struct) => {
      if (next++ !== number) return false
      failed.push(struct)
      return true
    })
  })
  const result = body()
  machine.inspect(() => {
    injectAllocationFailures(null)
  })
  return { failed: failed[0] ?? null, result }
}

/** The reference counts of all nodes in the tree. */
export function refcounts(machine: Machine): Record<string, number> {
  const linked = inspectOf(machine).nodes.filter(({ inTree }) => inTree)
  return Object.fromEntries(linked.map(({ path, refcount }) => [path, refcount]))
}
