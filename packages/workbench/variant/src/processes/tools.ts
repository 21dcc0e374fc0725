// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/** Where a program of the machine is, or null. */
export function findTool(tool: string): string | null {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/bin']) {
    // The folder in which pfo is used may be anybody's.
    if (!isAbsolute(folder)) continue
    const file = join(folder, tool)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {
      // Not here.
    }
  }
  return null
}

/** Whether a program starts and ends well. */
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

/** Options of setpriv with which a process ends with its parent, however that ends. */
export const endsWithParent: readonly string[] = ['--pdeathsig', 'KILL']

/** The beginning of a command whose process is not to outlive this one; none where the machine cannot do that. */
export async function boundToParent(): Promise<readonly string[]> {
  const file = findTool('setpriv')
  if (file === null || !(await succeeds(file, [...endsWithParent, file, '--version']))) return []
  return [file, ...endsWithParent]
}
