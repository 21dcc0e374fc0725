// SPDX-License-Identifier: GPL-2.0-only
import type { FirmwareState } from '../state.ts'
import { activateFirmware } from './activate-firmware.ts'
import type { RtasArgument } from './arguments.ts'
import { configureConnector } from './configure-connector.ts'
import { getSensorState } from './get-sensor-state.ts'
import type { RtasServiceName } from './names.ts'
import { setIndicator } from './set-indicator.ts'
import { suspendMe } from './suspend-me.ts'
import { updateNodes } from './update-nodes.ts'
import { updateProperties } from './update-properties.ts'

/** A service: takes words and work areas, returns the status and its outputs. */
type RtasService = (state: FirmwareState, args: readonly RtasArgument[]) => readonly number[]

const SERVICES: Readonly<Record<RtasServiceName, RtasService>> = {
  'ibm,suspend-me': suspendMe,
  'ibm,activate-firmware': activateFirmware,
  'ibm,update-nodes': updateNodes,
  'ibm,update-properties': updateProperties,
  'ibm,configure-connector': configureConnector,
  'get-sensor-state': getSensorState,
  'set-indicator': setIndicator,
}

/** Answers one call, with its scripted status or by executing the service. */
export function serve(
  state: FirmwareState,
  name: RtasServiceName,
  args: readonly RtasArgument[],
): readonly number[] {
  const scripted = state.scripted.get(name)?.shift() ?? 0
  const [status = 0, ...outputs] = scripted === 0 ? SERVICES[name](state, args) : [scripted]
  // A failed or scripted get-sensor-state has an output too: the state, 0.
  return name === 'get-sensor-state' && outputs.length === 0 ? [status, 0] : [status, ...outputs]
}
