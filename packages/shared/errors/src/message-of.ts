// SPDX-License-Identifier: GPL-2.0-only

/** Returns the message of any thrown value. */
export function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault)
}
