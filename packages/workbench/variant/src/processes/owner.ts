// SPDX-License-Identifier: GPL-2.0-only
import { readlinkSync } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { statFields } from './proc-stat.ts'

/** Process ids are of their namespace: what is no process here may be one elsewhere, with the same folder for what is temporary. */
function processNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0'
  } catch {
    return '0'
  }
}

/**
 * When a process started, in ticks since the machine did: with its id, this names it for good.
 *
 * @returns null if there is no such process (any more); `0` for one that lives where this is not known
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

/** The beginning of the names of this process's directories. They have their owner from the moment they are there. */
export function ownedPrefix(kind: string): string {
  return `${kind}-${processNamespace()}-${String(process.pid)}-${startOf(process.pid) ?? '0'}-`
}

/**
 * Removes directories whose owner is gone: killed, so that it could not do it. Those of a process that lives are left alone,
 * and so is what belongs to another user. What cannot be removed stays.
 *
 * @param folder - where they are
 * @param kind - as given to `ownedPrefix`
 */
export async function reclaim(folder: string, kind: string): Promise<void> {
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
