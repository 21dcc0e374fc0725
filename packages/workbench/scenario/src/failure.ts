// SPDX-License-Identifier: GPL-2.0-only
import { injectAllocationFailures, type Machine } from '@pfo-workbench/kernel'
import type { AllocationFailure } from './scenario.ts'

/**
 * Does something during which one allocation fails.
 *
 * @returns what came of it, and whether anything failed: there may be no such allocation
 */
export function withFailure(wanted: AllocationFailure, machine: Machine, act: () => string): string {
  const { allocation, in: within } = wanted
  let counted = 0
  let failed: readonly string[] | null = null
  machine.inspect(() => {
    injectAllocationFailures((_struct, callers) => {
      if (failed !== null || (within !== null && !callers().includes(within))) return false
      if (++counted < allocation) return false
      failed = callers()
      return true
    })
  })
  const result = act()
  machine.inspect(() => {
    injectAllocationFailures(null)
  })
  return `${result}; ${describe(failed)}`
}

/** How much of the call chain of a failed allocation is told. */
const told = 4

function describe(failed: readonly string[] | null): string {
  return failed === null ? 'no allocation failed' : `failed: ${failed.slice(0, told).join(' < ')}`
}
