// SPDX-License-Identifier: GPL-2.0-only

/** What can be otherwise than on the unpatched kernel without being wrong, in the order in which it is told. */
export const changeKinds = [
  'result',
  'file',
  'device',
  'node',
  'service',
  'uevent',
  'notification',
  'console',
] as const

/**
 * Where a user could see a difference:
 *
 * - `result`: what a call of a step returned
 * - `file`: what a file or link of sysfs or proc gives
 * - `device`: whether a device is there, and which driver it is bound to
 * - `node`: whether a node is in the device tree
 * - `service`: whether a random number generator, an algorithm or another service of a driver is registered
 * - `uevent`: a uevent
 * - `notification`: the callbacks of a notifier chain that were called for an action, and what they answered
 * - `console`: a line of the console
 */
export type ChangeKind = (typeof changeKinds)[number]

/** A difference from the unpatched kernel in the same scenario that no oracle calls wrong. */
export interface Change {
  readonly kind: ChangeKind
  /** What is otherwise: a file, a call of a step, a line. */
  readonly subject: string
  /** The first step with the difference. */
  readonly step: number
  /** On the unpatched kernel; empty if there is nothing of it. */
  readonly before: string
  /** On the variant; empty if there is nothing of it. */
  readonly after: string
}
