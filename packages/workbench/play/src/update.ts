// SPDX-License-Identifier: GPL-2.0-only
import { cells, type NodeChange, stringValue } from '@pfo-workbench/powervm'
import type { PropertyUpdate } from '@pfo-workbench/run'

/** Change to firmware's tree that an update step requests. */
export function changeOf({ node, property, value, pieceSize }: PropertyUpdate): NodeChange {
  if (value === null) return { node, properties: [{ kind: 'remove', name: property }] }
  const bytes = typeof value === 'string' ? stringValue(value) : cells(value)
  const inPieces = pieceSize === undefined ? {} : { pieceSize }
  return { node, properties: [{ kind: 'set', name: property, value: bytes, ...inPieces }] }
}
