// SPDX-License-Identifier: GPL-2.0-only
import { cells, type NodeChange, stringValue } from '@pfo-workbench/powervm'
import type { PropertyUpdate } from '@pfo-workbench/run'

/** The change of firmware's tree that an update step asks for. */
export function changeOf({ node, property, value }: PropertyUpdate): NodeChange {
  const bytes = typeof value === 'string' ? stringValue(value) : cells(value)
  return { node, properties: [{ kind: 'set', name: property, value: bytes }] }
}
