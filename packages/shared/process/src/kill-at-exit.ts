// SPDX-License-Identifier: GPL-2.0-only
import type { ChildProcess } from 'node:child_process'

/** Running children, and how each of them is killed. */
const running = new Map<ChildProcess, () => void>()

function killRunning(): void {
  for (const kill of running.values()) kill()
}

/**
 * Makes sure that a child is killed when this process exits. This does not work if a signal kills this process:
 * `dieWithParentCommand` covers that case.
 *
 * @param kill - kills the child (default: SIGKILL to the child alone)
 */
export function killAtExit(child: ChildProcess, kill: () => void = () => child.kill('SIGKILL')): void {
  if (running.size === 0) process.on('exit', killRunning)
  running.set(child, kill)
  const forget = (): void => {
    running.delete(child)
    if (running.size === 0) process.off('exit', killRunning)
  }
  child.once('close', forget)
  // A child that could not be started never emits `close`. Other errors leave the child running.
  child.once('error', () => {
    if (child.pid === undefined) forget()
  })
}
