// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'

/**
 * What Linux tells of a process or thread in its file `stat`, from the state on (field 3 of proc(5)).
 *
 * @throws Error of the file system where there is no such process, or no /proc
 */
export function statFields(path: string): string[] {
  const stat = readFileSync(`/proc/${path}/stat`, 'latin1')
  // What comes before the last parenthesis is the name, which can be anything.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
