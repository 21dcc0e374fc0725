// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'

/**
 * Returns the fields of `/proc/PATH/stat`, starting with the state (field 3 of proc(5)).
 *
 * @throws the file system's Error if there is no such process, or no /proc
 */
export function statFields(path: string): string[] {
  const stat = readFileSync(`/proc/${path}/stat`, 'latin1')
  // The name before the last parenthesis may contain anything.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
