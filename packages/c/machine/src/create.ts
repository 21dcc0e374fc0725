// SPDX-License-Identifier: GPL-2.0-only
import type { Image, ImportedFunction } from '@pfo-workbench/image'
import type { RuntimeName } from '@pfo-workbench/object'
import type { WasmFunction, WasmValue } from './code.ts'
import type { MachineOptions } from './config.ts'
import { badAccess, badRange, oops, reportOops, trapped, unmodelled } from './faults.ts'
import type { Halt } from './halt.ts'
import { bindHost, type HostFunctions } from './host-function.ts'
import { Machine } from './machine.ts'
import type { WebAssemblyApi } from './realm.ts'
import { Watches, type Watch } from './watch.ts'

/** The parts of a machine in addition to its image. */
export interface MachineComponents {
  readonly options: MachineOptions
  /** The host functions. */
  readonly hosts: HostFunctions
  readonly watches: readonly Watch[]
  readonly webAssembly: WebAssemblyApi
}

/** Creates a machine that runs an image. No C code has run yet. */
export function createMachine(
  image: Image,
  { options, hosts, watches: watched, webAssembly }: MachineComponents,
): Machine {
  const watches = new Watches(image.watchpoints, watched)
  let runtime: Readonly<Record<RuntimeName, WasmFunction>> | null = null
  const supply = (machine: Machine, imported: ImportedFunction): WasmFunction => {
    const { kind, name } = imported
    if (kind === 'runtime') return (runtime ??= runtimeOf(machine, watches))[name]
    const host = kind === 'host' && Object.hasOwn(hosts, name) ? hosts[name] : undefined
    return host === undefined ? () => unmodelled(machine, name) : bindHost(machine, imported, host)
  }
  const badCall = (machine: Machine, pointer: bigint): never => oops(machine, { kind: 'fetch', pointer })
  return new Machine(image, {
    options,
    webAssembly,
    watches,
    behaviour: { badAccess, badCall, haltOf, supply },
  })
}

/** The functions that `runtimeSignatures` of the object package requires. */
function runtimeOf(machine: Machine, watches: Watches): Readonly<Record<RuntimeName, WasmFunction>> {
  return {
    badAccess: (pointer, size, write) => {
      badAccess(machine, BigInt(pointer), Number(size), write !== 0)
      return undefined
    },
    badRange: (pointer, length, write) => {
      badRange(machine, BigInt(pointer), BigInt(length), write !== 0)
      return undefined
    },
    badCall: (pointer) => oops(machine, { kind: 'fetch', pointer: BigInt.asUintN(64, BigInt(pointer)) }),
    warn: (file, line, flags) => {
      trapped(machine, machine.memory.stringAt(BigInt(file)) ?? '?', Number(line), Number(flags))
      return undefined
    },
    trap: () => oops(machine, { kind: 'trap' }),
    untranslated: (index) => {
      const piece = machine.image.untranslated[Number(index)]
      return unmodelled(
        machine,
        piece === undefined ? 'untranslated code' : `${piece.function} (${piece.reason})`,
      )
    },
    stackOverflow: () => oops(machine, { kind: 'stack-overflow' }),
    // With one processor and no passing time, counters stand still.
    readRegister: () => 0n,
    writeRegister: () => undefined,
    enter: (index, a, b, c, d) => {
      watches.enter(machine, Number(index), [unsigned(a), unsigned(b), unsigned(c), unsigned(d)])
      return undefined
    },
    leave: (index, result) => {
      watches.leave(machine, Number(index), BigInt(result))
      return undefined
    },
  }
}

/** A 64-bit argument, unsigned; 0 if it is missing. */
const unsigned = (value: WasmValue = 0n): bigint => BigInt.asUintN(64, BigInt(value))

/**
 * Converts an error of WebAssembly. A trap is a fault of the kernel: the code itself checks for all other faults. An
 * overflow of V8's stack counts as an overflow of the kernel's stack.
 *
 * @throws the error if it is not from WebAssembly: a bug in the workbench
 */
function haltOf(machine: Machine, fault: unknown): Halt {
  if (!(fault instanceof Error)) throw fault
  if (fault instanceof RangeError && fault.message.includes('call stack')) {
    return reportOops(machine, { kind: 'stack-overflow' }, machine.callSitesHere())
  }
  if (fault.name === 'RuntimeError') return reportOops(machine, { kind: 'trap' }, machine.callSitesHere())
  throw fault
}
