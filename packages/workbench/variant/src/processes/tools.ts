// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/** Returns the path of a program, or null if it is not installed. */
export function findTool(tool: string): string | null {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/bin']) {
    // Skip relative folders: the current folder may not be trusted.
    if (!isAbsolute(folder)) continue
    const file = join(folder, tool)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {
      // Not in this folder.
    }
  }
  return null
}

/** True if the program starts and exits with 0. */
export async function succeeds(file: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = spawn(file, args, { env: {}, stdio: 'ignore' })
    probe.once('error', () => {
      resolve(false)
    })
    probe.once('exit', (code) => {
      resolve(code === 0)
    })
  })
}

/** Options of setpriv that kill a process when its parent ends. */
export const endsWithParent: readonly string[] = ['--pdeathsig', 'KILL']

/**
 * Returns the start of a command line that ties a process to the life of this one; empty if the machine does not
 * support it.
 */
export async function boundToParent(): Promise<readonly string[]> {
  const file = findTool('setpriv')
  if (file === null || !(await succeeds(file, [...endsWithParent, file, '--version']))) return []
  return [file, ...endsWithParent]
}
