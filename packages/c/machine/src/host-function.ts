// SPDX-License-Identifier: GPL-2.0-only
import type { ImportedFunction } from '@pfo-workbench/image'
import type { WasmFunction, WasmValue } from './code.ts'
import type { Machine } from './machine.ts'

/**
 * How a function in C's place takes a parameter, whatever width this kernel's C gives it: `u64` for pointers, `long` and
 * `size_t` as a `bigint` without sign, `s32` and `u32` as a `number`.
 */
export type ParameterKind = 'u64' | 'u32' | 's32'

type Values<Kinds extends readonly ParameterKind[]> = {
  readonly [Index in keyof Kinds]: Kinds[Index] extends 'u64' ? bigint : number
}

/** What a function in C's place returns: a number, a flag, or nothing. It is cut to the width that C expects. */
export type HostResult = bigint | number | boolean | undefined

/** A function that the workbench supplies in C's place. */
export interface HostFunction {
  /**
   * `modelled`: it does what oracles can see of the kernel's. `assumed`: it only succeeds, and a run in which it was called
   * says so.
   */
  readonly status: 'modelled' | 'assumed'
  /** The first parameters; null for all, each as `u64`, of a function whose parameters differ between kernels. */
  readonly parameters: readonly ParameterKind[] | null
  readonly run: (machine: Machine, values: readonly (bigint | number)[]) => HostResult
}

type Run<Kinds extends readonly ParameterKind[]> =
  | ((machine: Machine, ...values: Values<Kinds>) => HostResult)
  | ((machine: Machine, ...values: Values<Kinds>) => void)

/** Functions in C's place, by the names that kernels have for them. */
export type HostFunctions = Readonly<Record<string, HostFunction>>

/**
 * A function that does what the kernel's does, as far as anything outside of it can see.
 *
 * @param parameters - the first parameters of the C function; later ones are ignored, missing ones are 0
 */
export function modelled<const Kinds extends readonly ParameterKind[]>(
  parameters: Kinds,
  run: Run<Kinds>,
): HostFunction {
  return {
    status: 'modelled',
    parameters,
    run: (machine, values) => run(machine, ...(values as unknown as Values<Kinds>)) ?? undefined,
  }
}

/**
 * As `modelled`, for a function whose parameters differ between kernels.
 *
 * @param run - is given all of them, each as a number of 64 bits without sign
 */
export function modelledWithAll(
  run: (machine: Machine, values: readonly bigint[]) => HostResult,
): HostFunction {
  return {
    status: 'modelled',
    parameters: null,
    run: (machine, values) => run(machine, values as readonly bigint[]),
  }
}

/**
 * A function that only pretends: it has no effect, and gives the same answer each time. Nothing that takes or drops
 * references, locks or allocates may be one.
 */
export function assumed(result: bigint | number = 0): HostFunction {
  return { status: 'assumed', parameters: [], run: () => result }
}

/** The function that an image imports, made from one in C's place: numbers are turned into the kinds that it takes. */
export function bindHost(machine: Machine, imported: ImportedFunction, host: HostFunction): WasmFunction {
  const { parameters, results } = imported.signature
  const kinds = host.parameters ?? parameters.map(() => 'u64' as const)
  const wide = results[0] === 'i64'
  const hasResult = results.length > 0
  return (...passed) => {
    if (host.status === 'assumed') machine.assumed.add(imported.name)
    const values = kinds.map((kind, index) => take(kind, passed[index]))
    const result = host.run(machine, values)
    return hasResult ? give(result, wide) : undefined
  }
}

function take(kind: ParameterKind, value: WasmValue | undefined): bigint | number {
  if (kind === 'u64') {
    return typeof value === 'bigint' ? BigInt.asUintN(64, value) : BigInt((value ?? 0) >>> 0)
  }
  const word = typeof value === 'bigint' ? Number(BigInt.asIntN(32, value)) : (value ?? 0)
  return kind === 'u32' ? word >>> 0 : word | 0
}

function give(result: HostResult, wide: boolean): WasmValue {
  if (wide) return BigInt.asIntN(64, BigInt(result ?? 0))
  return typeof result === 'bigint' ? Number(BigInt.asIntN(32, result)) : Number(result ?? 0) | 0
}
