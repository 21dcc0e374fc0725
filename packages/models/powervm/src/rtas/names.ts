// SPDX-License-Identifier: GPL-2.0-only

/** Names of the implemented services. The properties of `/rtas` with these names hold their tokens. */
export const RTAS_SERVICES = [
  'ibm,suspend-me',
  'ibm,activate-firmware',
  'ibm,update-nodes',
  'ibm,update-properties',
  'ibm,configure-connector',
  'get-sensor-state',
  'set-indicator',
] as const

/** An implemented service. */
export type RtasServiceName = (typeof RTAS_SERVICES)[number]
