// SPDX-License-Identifier: GPL-2.0-only
import type { HostFunction, HostFunctions } from '@pfo-workbench/machine'

/** One function under the names that kernels have for it. */
export function named(host: HostFunction, ...names: readonly string[]): HostFunctions {
  return Object.fromEntries(names.map((name) => [name, host]))
}
