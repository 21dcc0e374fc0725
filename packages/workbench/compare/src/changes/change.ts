// SPDX-License-Identifier: GPL-2.0-only

/** The kinds of changes: differences from the unpatched kernel that are not faults. In report order. */
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
 * The place where a user can see a difference:
 *
 * - `result`: the result of a call in a step
 * - `file`: the content of a file or link in sysfs or proc
 * - `device`: presence of a device, and its driver
 * - `node`: presence of a node in the device tree
 * - `service`: registration of a random number generator, an algorithm or another service of a driver
 * - `uevent`: a uevent
 * - `notification`: the callbacks that a notifier chain called for an action, and their return values
 * - `console`: a line on the console
 */
export type ChangeKind = (typeof changeKinds)[number]

/** A difference from the unpatched kernel in the same scenario that no oracle reports. */
export interface Change {
  readonly kind: ChangeKind
  /** The subject of the difference: a file, a call of a step, a line. */
  readonly subject: string
  /** The first step with the difference. */
  readonly step: number
  /** Value on the unpatched kernel; empty if absent. */
  readonly before: string
  /** Value on the variant; empty if absent. */
  readonly after: string
}
