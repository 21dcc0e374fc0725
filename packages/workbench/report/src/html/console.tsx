// SPDX-License-Identifier: GPL-2.0-only
import type { JSX } from 'preact'
import { consoleDiff } from '../view/console.ts'

const signs = { same: '  ', added: '+ ', removed: '− ' } as const

/** A console against the unpatched kernel's: what it prints more and what it prints no more. */
export function ConsoleDiff({
  before,
  after,
}: {
  before: readonly string[]
  after: readonly string[]
}): JSX.Element {
  const lines = consoleDiff(before, after)
  if (lines.length === 0) return <p>Nothing was printed.</p>
  return (
    <pre class="console">
      {lines.map(({ line, status }) => {
        const text = `${signs[status]}${line}\n`
        if (status === 'same') return text
        return status === 'added' ? <ins>{text}</ins> : <del>{text}</del>
      })}
    </pre>
  )
}
