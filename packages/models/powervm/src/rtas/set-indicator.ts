// SPDX-License-Identifier: GPL-2.0-only
import { nodeAt } from '../firmware-node.ts'
import { restoreNode, removeNode } from '../migration.ts'
import type { DrcState, FirmwareState } from '../state.ts'
import { type RtasArgument, wordArgument } from './arguments.ts'
import { ALLOCATION_STATE, connectorState, ISOLATION_STATE } from './drc.ts'
import { PARAMETER_ERROR, SUCCESS } from './status.ts'

/** A change of a connector's state by an indicator, and the states that allow it. */
interface Move {
  readonly indicator: number
  readonly value: number
  readonly from: readonly DrcState[]
  readonly to: DrcState
}

const MOVES: readonly Move[] = [
  { indicator: ALLOCATION_STATE, value: 0, from: ['unusable', 'isolated'], to: 'unusable' },
  { indicator: ALLOCATION_STATE, value: 1, from: ['unusable', 'isolated'], to: 'isolated' },
  { indicator: ISOLATION_STATE, value: 0, from: ['isolated', 'unisolated'], to: 'isolated' },
  { indicator: ISOLATION_STATE, value: 1, from: ['isolated', 'unisolated'], to: 'unisolated' },
]

/** `set-indicator`: (indicator, index, value) -> status. Only indicators 9001 and 9003 of connectors exist. */
export function setIndicator(state: FirmwareState, args: readonly RtasArgument[]): readonly number[] {
  const [indicator, drcIndex, value] = args.map(wordArgument)
  if (drcIndex === undefined) return [PARAMETER_ERROR]
  const connector = connectorState(state, drcIndex)
  const move = MOVES.find((known) => known.indicator === indicator && known.value === value)
  if (connector === undefined || move === undefined || !move.from.includes(connector))
    return [PARAMETER_ERROR]
  state.connectors.set(drcIndex, move.to)
  followConnector(state, drcIndex, move.to)
  return [SUCCESS]
}

/**
 * Adds the connector's nodes to firmware's tree when it becomes unisolated, and removes them when it becomes unusable.
 */
function followConnector(state: FirmwareState, drcIndex: number, now: DrcState): void {
  for (const [path, { drcIndex: own }] of state.known) {
    if (own !== drcIndex) continue
    const isThere = nodeAt(state.root, path) !== undefined
    if (now === 'unusable') removeNode(state.root, path)
    else if (now === 'unisolated' && !isThere) restoreNode(state, path)
  }
}
