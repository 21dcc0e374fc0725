// SPDX-License-Identifier: GPL-2.0-only
import { rtas_call, rtas_set_indicator, rtas_token } from './rtas.ts'

/** Sensors and indicators of a connector (DRC), and their states (arch/powerpc/platforms/pseries/dlpar.c, v4.18). */
const DR_ENTITY_SENSE = 9003
const DR_ENTITY_PRESENT = 1
const DR_ENTITY_UNUSABLE = 2
const ALLOCATION_STATE = 9003
const ALLOC_UNUSABLE = 0
const ALLOC_USABLE = 1
const ISOLATION_STATE = 9001
const ISOLATE = 0
const UNISOLATE = 1

/** A change of a connector's state: sets two indicators, and reverts the first if the second fails. */
interface Handover {
  /** The sensor state required at the start. */
  readonly from: number
  readonly first: readonly [indicator: number, value: number]
  readonly second: readonly [indicator: number, value: number]
  readonly undo: readonly [indicator: number, value: number]
}

const acquisition: Handover = {
  from: DR_ENTITY_UNUSABLE,
  first: [ALLOCATION_STATE, ALLOC_USABLE],
  second: [ISOLATION_STATE, UNISOLATE],
  undo: [ALLOCATION_STATE, ALLOC_UNUSABLE],
}

const release: Handover = {
  from: DR_ENTITY_PRESENT,
  first: [ISOLATION_STATE, ISOLATE],
  second: [ALLOCATION_STATE, ALLOC_UNUSABLE],
  undo: [ISOLATION_STATE, UNISOLATE],
}

function handOver(drc_index: number, { from, first, second, undo }: Handover): number {
  const outputs: number[] = []
  const rc = rtas_call(rtas_token('get-sensor-state'), [DR_ENTITY_SENSE, drc_index], outputs)
  if (rc !== 0 || outputs[0] !== from) return -1
  const setIndicator = ([indicator, value]: readonly [number, number]): number =>
    rtas_set_indicator(indicator, drc_index, value)
  const error = setIndicator(first)
  if (error !== 0) return error
  const secondError = setIndicator(second)
  if (secondError !== 0) setIndicator(undo)
  return secondError
}

/**
 * Models `dlpar_acquire_drc` (arch/powerpc/platforms/pseries/dlpar.c, v4.18): 0; -1 unless the sensor reports the DRC
 * as unusable; or the error of an indicator.
 */
export function dlpar_acquire_drc(drc_index: number): number {
  return handOver(drc_index, acquisition)
}

/**
 * Models `dlpar_release_drc` (arch/powerpc/platforms/pseries/dlpar.c, v4.18): 0; -1 unless the sensor reports the DRC
 * as present; or the error of an indicator.
 */
export function dlpar_release_drc(drc_index: number): number {
  return handOver(drc_index, release)
}
