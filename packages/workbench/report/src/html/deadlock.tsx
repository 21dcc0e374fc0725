// SPDX-License-Identifier: GPL-2.0-only
import type { JSX } from 'preact'

interface DeadlockProps {
  readonly waiter: string
  readonly lock: string
  readonly holder: string
}

/** Draws a deadlock: the waiting task, the lock and its holder. */
export function Deadlock({ waiter, lock, holder }: DeadlockProps): JSX.Element {
  return (
    <figure class="deadlock" aria-label={`${waiter} waits for ${lock}, which ${holder} holds`}>
      <span class="box">{waiter}</span>
      <span class="arrow">waits for →</span>
      <span class="box lock">{lock}</span>
      <span class="arrow">← holds</span>
      <span class="box">{holder}</span>
    </figure>
  )
}
