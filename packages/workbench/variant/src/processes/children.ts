// SPDX-License-Identifier: GPL-2.0-only
import type { ChildProcess } from 'node:child_process'

/** Running children. All are killed when this process exits. */
const running = new Set<ChildProcess>()

function killRunning(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** Makes sure that a child is killed when this process exits. This does not work if this process is killed. */
export function track(child: ChildProcess): void {
  if (running.size === 0) process.on('exit', killRunning)
  running.add(child)
  child.once('close', () => {
    running.delete(child)
    if (running.size === 0) process.off('exit', killRunning)
  })
}
