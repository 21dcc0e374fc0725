// SPDX-License-Identifier: GPL-2.0-only
import type { FirmwareState } from '../state.ts'
import { type RtasArgument, wordArgument } from './arguments.ts'
import { ALLOCATION_STATE, connectorState } from './drc.ts'
import { PARAMETER_ERROR, SUCCESS } from './status.ts'

/** Values of the sensor: an entity is present, or the partition may not use it. */
const PRESENT = 1
const UNUSABLE = 2

/** `get-sensor-state`: (sensor, index) -> status, state. Only sensor 9003 of connectors exists. */
export function getSensorState(state: FirmwareState, args: readonly RtasArgument[]): readonly number[] {
  const [sensor, drcIndex] = args.map(wordArgument)
  if (sensor !== ALLOCATION_STATE || drcIndex === undefined) return [PARAMETER_ERROR]
  const connector = connectorState(state, drcIndex)
  if (connector === undefined) return [PARAMETER_ERROR]
  return [SUCCESS, connector === 'unusable' ? UNUSABLE : PRESENT]
}
