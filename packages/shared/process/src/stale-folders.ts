// SPDX-License-Identifier: GPL-2.0-only
import { readlinkSync } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { statFields } from './proc-stat.ts'

/**
 * The PID namespace of this process. A PID that is free here may be in use in another namespace that shares the
 * temporary folder.
 */
function processNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0'
  } catch {
    return '0'
  }
}

/**
 * Returns the start time of a process, in ticks since boot. Together with the PID it is unique.
 *
 * @returns null if no such process is alive; `0` if the process is alive but its start time is unknown
 */
function startOf(pid: number): string | null {
  try {
    const [state = '', ...fields] = statFields(String(pid))
    return state === 'Z' || state === 'X' ? null : (fields[18] ?? '0')
  } catch {
    return process.platform !== 'linux' && isAlive(pid) ? '0' : null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (fault) {
    return fault instanceof Error && 'code' in fault && fault.code === 'EPERM'
  }
}

/** Prefix for names of this process's folders. It names the owner, so a folder has an owner from its creation. */
export function ownedPrefix(kind: string): string {
  return `${kind}-${processNamespace()}-${String(process.pid)}-${startOf(process.pid) ?? '0'}-`
}

/**
 * Removes folders whose owner was killed. Folders of live processes, folders of other users, and folders that cannot be
 * removed stay.
 *
 * @param folder - the parent of the folders
 * @param kind - as passed to `ownedPrefix`
 */
export async function removeStaleFolders(folder: string, kind: string): Promise<void> {
  const namespace = processNamespace()
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(`${kind}-`)) continue
    const [, space, pid, start] = /^-(\d+)-(\d+)-(\d+)-\w+$/.exec(name.slice(kind.length)) ?? []
    if (pid === undefined || space !== namespace || startOf(Number(pid)) === start) continue
    const path = join(folder, name)
    const stat = await lstat(path).catch(() => null)
    if (stat?.isDirectory() !== true || stat.uid !== process.getuid?.()) continue
    await rm(path, { recursive: true, force: true }).catch(() => undefined)
  }
}
