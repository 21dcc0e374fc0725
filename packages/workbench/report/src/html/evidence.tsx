// SPDX-License-Identifier: GPL-2.0-only
import type { JudgedFinding } from '@pfo-workbench/compare'
import type { JSX } from 'preact'
import { order } from '../view/comparison.ts'
import type { Library } from './library.tsx'

const signs = { introduced: '+', fixed: '−', kept: '=' } as const

function Evidence({ finding }: { readonly finding: JudgedFinding }): JSX.Element {
  return (
    <>
      <p>{finding.message}</p>
      {finding.evidence.map(({ text, chain }) => (
        <p class="proof">
          {text}
          <code>{chain.join(' < ')}</code>
        </p>
      ))}
    </>
  )
}

function Finding({ finding, library }: { finding: JudgedFinding; library: Library }): JSX.Element {
  const { oracle, subject, status, step, message, before, evidence } = finding
  const key = [oracle, message, evidence.map(({ text, chain }) => [text, chain])]
  return (
    <details class={status} open={status === 'introduced'}>
      <summary>
        <b title={status}>{signs[status]}</b> <i>{oracle}</i> {subject}
      </summary>
      {before !== undefined && <p>Unpatched: {before}</p>}
      <p>
        Step {step}.{' '}
        {library.link('evidence', key, `${oracle}: ${subject}`, () => (
          <Evidence finding={finding} />
        ))}
      </p>
    </details>
  )
}

/** The findings of one cell, what is new first; each opens to its evidence. */
export function findingList(findings: readonly JudgedFinding[], library: Library): JSX.Element {
  if (findings.length === 0) return <p>Nothing was found.</p>
  const sorted = order.flatMap((status) => findings.filter((finding) => finding.status === status))
  return <div class="findings">{sorted.map((finding) => Finding({ finding, library }))}</div>
}
