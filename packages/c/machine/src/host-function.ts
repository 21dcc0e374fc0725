// SPDX-License-Identifier: GPL-2.0-only
import type { HostRequest, ImportedFunction } from '@pfo-workbench/image'
import type { WasmFunction, WasmValue } from './code.ts'
import type { Machine } from './machine.ts'

/**
 * The type in which a host function takes a parameter, whatever its width in this kernel's C code. `u64` for pointers,
 * `long` and `size_t`: an unsigned `bigint`. `s32` and `u32`: a `number`.
 */
export type ParameterKind = 'u64' | 'u32' | 's32'

type Values<Kinds extends readonly ParameterKind[]> = {
  readonly [Index in keyof Kinds]: Kinds[Index] extends 'u64' ? bigint : number
}

/** The result of a host function: a number, a flag, or nothing. It is truncated to the width that C expects. */
export type HostResult = bigint | number | boolean | undefined

/** A function that the workbench implements instead of C code. */
export interface HostFunction extends HostRequest {
  /**
   * `modelled`: has all effects that oracles can see. `assumed`: returns a fixed value and does nothing else; a run
   * reports each one that it called.
   */
  readonly status: 'modelled' | 'assumed'
  /**
   * The first parameters. Null for a function whose parameters differ between kernels: it receives all of them, each as
   * `u64`.
   */
  readonly parameters: readonly ParameterKind[] | null
  readonly run: (machine: Machine, ...values: (bigint | number)[]) => HostResult
}

type Run<Kinds extends readonly ParameterKind[]> =
  | ((machine: Machine, ...values: Values<Kinds>) => HostResult)
  | ((machine: Machine, ...values: Values<Kinds>) => void)

/** Host functions, by their names in kernels. */
export type HostFunctions = Readonly<Record<string, HostFunction>>

/**
 * A function with the same externally visible effects as the kernel's.
 *
 * @param parameters - the first parameters of the C function; later ones are ignored, missing ones are 0
 */
export function modelled<const Kinds extends readonly ParameterKind[]>(
  parameters: Kinds,
  run: Run<Kinds>,
): HostFunction {
  return { status: 'modelled', parameters, run: run as HostFunction['run'] }
}

/**
 * Like `modelled`, for a function whose parameters differ between kernels.
 *
 * @param run - receives all of them, each as an unsigned 64-bit number
 */
export function modelledWithAll(
  run: (machine: Machine, values: readonly bigint[]) => HostResult,
): HostFunction {
  return {
    status: 'modelled',
    parameters: null,
    run: (machine, ...values) => run(machine, values as readonly bigint[]),
  }
}

/**
 * A function that always returns the same value and does nothing else. It never replaces C code of the kernel, and must
 * not stand for a function that takes or drops references, locks or allocates.
 */
export function assumed(result: bigint | number = 0): HostFunction {
  return { status: 'assumed', parameters: [], onlyMissing: true, run: () => result }
}

/** Wraps a host function as a function that an image imports, with numbers converted to the parameter types. */
export function bindHost(machine: Machine, imported: ImportedFunction, host: HostFunction): WasmFunction {
  const { parameters, results } = imported.signature
  const kinds = host.parameters ?? parameters.map(() => 'u64' as const)
  const give = results.length === 0 ? giveNothing : results[0] === 'i64' ? giveWide : giveNarrow
  const call = withArguments(machine, host.run, { kinds, give })
  if (host.status !== 'assumed') return call
  return (...passed) => {
    machine.assumed.add(imported.name)
    return call(...passed)
  }
}

/** The conversion between the types of a host function and those of WebAssembly. */
interface Conversion {
  readonly kinds: readonly ParameterKind[]
  readonly give: (result: HostResult) => WasmValue | undefined
}

/** Converts the arguments and the result of each call. For up to three parameters, this needs no array. */
function withArguments(
  machine: Machine,
  run: HostFunction['run'],
  { kinds, give }: Conversion,
): WasmFunction {
  const [first = 'u64', second = 'u64', third = 'u64'] = kinds
  if (kinds.length === 0) return () => give(run(machine))
  if (kinds.length === 1) return (a) => give(run(machine, take(first, a)))
  if (kinds.length === 2) return (a, b) => give(run(machine, take(first, a), take(second, b)))
  if (kinds.length === 3)
    return (a, b, c) => give(run(machine, take(first, a), take(second, b), take(third, c)))
  return (...passed) => give(run(machine, ...kinds.map((kind, index) => take(kind, passed[index]))))
}

function take(kind: ParameterKind, value: WasmValue | undefined): bigint | number {
  if (kind === 'u64') {
    return typeof value === 'bigint' ? BigInt.asUintN(64, value) : BigInt((value ?? 0) >>> 0)
  }
  const word = typeof value === 'bigint' ? Number(BigInt.asIntN(32, value)) : (value ?? 0)
  return kind === 'u32' ? word >>> 0 : word | 0
}

const giveNothing = (): undefined => undefined

const giveWide = (result: HostResult): bigint => BigInt.asIntN(64, BigInt(result ?? 0))

function giveNarrow(result: HostResult): number {
  return typeof result === 'bigint' ? Number(BigInt.asIntN(32, result)) : Number(result ?? 0) | 0
}
