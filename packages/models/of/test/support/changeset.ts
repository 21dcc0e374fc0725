// SPDX-License-Identifier: GPL-2.0-only
import { text } from '@pfo-workbench/kernel'
import { expect } from 'vitest'
import { of_changeset, of_changeset_action, of_changeset_init, of_get_property } from '../../src/index.ts'
import type { device_node, property } from '../../src/index.ts'

/** The arguments of an entry: action, node, and property. */
export type Entry = readonly [number, device_node, property | null]

/** A changeset with these entries. */
export function set(...changes: readonly Entry[]): of_changeset {
  const ocs = new of_changeset()
  of_changeset_init(ocs)
  for (const [action, np, prop] of changes) expect(of_changeset_action(ocs, action, np, prop)).toBe(0)
  return ocs
}

/** Value of a property as text, or null. */
export function value(np: device_node, name: string): string | null {
  const bytes = of_get_property(np, name)
  return bytes === null ? null : text(bytes)
}
