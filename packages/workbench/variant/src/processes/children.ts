// SPDX-License-Identifier: GPL-2.0-only
import type { ChildProcess } from 'node:child_process'

/** Children that live: none outlives this process. */
const running = new Set<ChildProcess>()

function killRunning(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** Sees to it that a child ends with this process at the latest, however that ends other than by being killed. */
export function track(child: ChildProcess): void {
  if (running.size === 0) process.on('exit', killRunning)
  running.add(child)
  child.once('close', () => {
    running.delete(child)
    if (running.size === 0) process.off('exit', killRunning)
  })
}
