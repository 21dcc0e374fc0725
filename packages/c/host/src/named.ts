// SPDX-License-Identifier: GPL-2.0-only
import type { HostFunction, HostFunctions } from '@pfo-workbench/machine'

/** One function under all its names in different kernels. */
export function named(host: HostFunction, ...names: readonly string[]): HostFunctions {
  return Object.fromEntries(names.map((name) => [name, host]))
}
