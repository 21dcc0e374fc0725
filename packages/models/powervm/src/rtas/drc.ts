// SPDX-License-Identifier: GPL-2.0-only
import type { DrcState, FirmwareState } from '../state.ts'

/** As a sensor: what is on the connector. As an indicator: whether it may be used. */
export const ALLOCATION_STATE = 9003
/** Indicator: whether the connector is isolated from the partition. */
export const ISOLATION_STATE = 9001

/** The state of the connector; undefined if no connector has that index. */
export function connectorState(state: FirmwareState, drcIndex: number): DrcState | undefined {
  for (const node of state.known.values()) {
    if (node.drcIndex === drcIndex) return state.connectors.get(drcIndex) ?? 'unisolated'
  }
  return undefined
}
