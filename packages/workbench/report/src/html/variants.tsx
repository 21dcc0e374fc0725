// SPDX-License-Identifier: GPL-2.0-only
import type { VariantSummary } from '@pfo-workbench/compare'
import { counted } from '@pfo-workbench/wording'
import type { JSX } from 'preact'
import { printable } from '../printable.ts'
import type { Bug } from '../recommend/bugs.ts'
import { bugText } from '../recommend/bug-text.ts'
import { findingName } from '../wording/comparison-view.ts'
import { cellAnchor, linkTo, patchAnchor, variantAnchor } from './anchors.ts'
import { VariantCounts } from './variant-counts.tsx'
import type { FragmentStore } from './fragment-store.tsx'
import { Name } from './name.tsx'
import type { SummaryRow } from './summary.ts'

function patchLinks({ patches }: VariantSummary): JSX.Element | null {
  if (patches.length === 0) return null
  return (
    <p>
      {patches.length === 1 ? 'Patch: ' : 'Patches: '}
      {patches.map((patch, index) => (
        <>
          {index > 0 && ', '}
          <a href={linkTo(patchAnchor(patch))}>{patch}</a>
        </>
      ))}
    </p>
  )
}

/** A bug that a variant adds, with its scenarios and a link to its first finding. */
function BugEntry({ bug }: { readonly bug: Bug }): JSX.Element {
  const [first] = bug.cells
  const text = printable(bugText(bug, bug.cells))
  const scenarios = bug.cells.map(({ scenario }) => printable(scenario)).join(', ')
  if (first === undefined) return <li>{text}</li>
  const { variant, scenario } = first
  const cell = cellAnchor({ variant: printable(variant), scenario: printable(scenario) })
  return (
    <li>
      <a href={linkTo(`${cell}/${printable(findingName(bug.finding))}`)}>{text}</a> <small>{scenarios}</small>
    </li>
  )
}

function Statements({ exercise }: Pick<VariantSummary, 'exercise'>): JSX.Element {
  return (
    <ul class="statements">
      {exercise.map(({ file, line, statement, removed, never, scenarios }) => (
        <li>
          <code>
            {file}:{line} {removed === true ? '(removed) ' : ''}
            {statement}
          </code>{' '}
          <small>
            {never ??
              (scenarios.length === 0 ? 'never ran' : `ran in ${counted(scenarios.length, 'scenario')}`)}
          </small>
        </li>
      ))}
    </ul>
  )
}

function exerciseOf(
  { exercise, exerciseUnknown }: VariantSummary,
  library: FragmentStore,
): JSX.Element | null {
  if (exercise.length === 0) return null
  const ran = exercise.filter(({ scenarios }) => scenarios.length > 0).length
  const unknown =
    exerciseUnknown.length === 0 ? '' : `; unknown in ${counted(exerciseUnknown.length, 'scenario')}`
  return (
    <details>
      <summary>
        {String(ran)} of {counted(exercise.length, 'changed statement')} ran{unknown}
      </summary>
      {library.link('statements', exercise, 'Statements', () => (
        <Statements exercise={exercise} />
      ))}
    </details>
  )
}

/** A variant: its verdict and reason, its bugs and its patches. */
export function variantSection(row: SummaryRow, title: string, library: FragmentStore): JSX.Element {
  const { grid, reason, recommendation } = row
  const { variant } = grid
  return (
    <section class="variant" id={variantAnchor(variant.id)}>
      <h3>
        <Name text={variant.id} />
      </h3>
      <p>{variant.title}</p>
      <p class="reason">
        <b>{title}</b>: <VariantCounts variant={variant} /> {reason}
      </p>
      {patchLinks(variant)}
      {variant.reason !== undefined && <pre>{variant.reason}</pre>}
      {recommendation !== null && recommendation.bugs.length > 0 && (
        <ul>
          {recommendation.bugs.map((bug) => (
            <BugEntry bug={bug} />
          ))}
        </ul>
      )}
      {exerciseOf(variant, library)}
    </section>
  )
}
