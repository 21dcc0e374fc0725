// SPDX-License-Identifier: GPL-2.0-only
import type { DrcState, FirmwareState } from '../state.ts'

/** As a sensor: the entity on the connector. As an indicator: permission to use it. */
export const ALLOCATION_STATE = 9003
/** As an indicator: isolation of the connector from the partition. */
export const ISOLATION_STATE = 9001

/** The state of the connector; undefined if no connector has that index. */
export function connectorState(state: FirmwareState, drcIndex: number): DrcState | undefined {
  for (const node of state.known.values()) {
    if (node.drcIndex === drcIndex) return state.connectors.get(drcIndex) ?? 'unisolated'
  }
  return undefined
}
