// SPDX-License-Identifier: GPL-2.0-only
import type { JSX } from 'preact'
import { counted } from '../text/lines.ts'
import { legendOf, type GridCell, type GridRow } from '../view/grid.ts'
import { cellAnchor, linkTo, variantAnchor } from './anchors.ts'
import { restOf, typeset, wordsOf } from './marks.ts'
import { Name } from './name.tsx'
import type { ToldComparison } from '../wording/told.ts'

function MatrixCell({ variant, one }: { readonly variant: string; readonly one: GridCell }): JSX.Element {
  const anchor = one.cell === undefined ? variantAnchor(variant) : cellAnchor(one.cell)
  const [words, rest] = [wordsOf(one), restOf(one)]
  return (
    <td>
      <a
        class={`cell ${one.verdict}`}
        href={linkTo(anchor)}
        title={`${variant}, ${one.scenario}: ${words}`}
        aria-label={`${one.scenario}: ${words}`}
      >
        <b>{typeset(one.mark)}</b>
        {rest !== '' && <small>{rest}</small>}
        {one.cell !== undefined && one.cell.outcome !== 'completed' && <small>{one.cell.outcome}</small>}
      </a>
    </td>
  )
}

function Row({ row, isBaseline }: { readonly row: GridRow; readonly isBaseline: boolean }): JSX.Element {
  const { id, status, rank, introduced, revealed, fixed, kept, notReached, changes } = row.variant
  return (
    <tr>
      <th scope="row">
        <span class="rank">{status === 'ok' ? rank : '–'}</span>
        <a href={linkTo(variantAnchor(id))}>
          <Name text={id} />
        </a>
        <small>
          {status !== 'ok'
            ? status
            : isBaseline
              ? `unpatched: ${counted(kept, 'finding')}`
              : [
                  `${String(introduced)} new`,
                  ...(revealed > 0 ? [`${String(revealed)} revealed`] : []),
                  `${String(fixed)} fixed`,
                  ...(notReached > 0 ? [`${String(notReached)} not reached`] : []),
                  `${String(kept)} left`,
                  ...(changes > 0 ? [counted(changes, 'change')] : []),
                ].join(', ')}
        </small>
      </th>
      {row.cells.map((one) => (
        <MatrixCell variant={id} one={one} />
      ))}
    </tr>
  )
}

/** What the signs mean. */
export function Legend({ rows }: { readonly rows: readonly GridRow[] }): JSX.Element {
  return (
    <ul class="legend" aria-label="Signs">
      {legendOf(rows).map(({ verdict, mark, meaning }) => (
        <li>
          <span class={`cell ${verdict}`}>
            <b>{typeset(mark)}</b>
          </span>
          {meaning}
        </li>
      ))}
    </ul>
  )
}

interface MatrixProps {
  readonly comparison: ToldComparison
  readonly rows: readonly GridRow[]
}

/** Variants down, the best first, and scenarios across. Each cell leads to what was found there. */
export function Matrix({ comparison, rows }: MatrixProps): JSX.Element {
  return (
    <div class="scroll" role="region" aria-label="Variants and scenarios" tabIndex={0}>
      <table class="matrix">
        <thead>
          <tr>
            <th scope="col">variant</th>
            {comparison.scenarios.map(({ id, title }) => (
              <th scope="col" title={title}>
                <span>{id}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row row={row} isBaseline={row.variant.id === comparison.baseline} />
          ))}
        </tbody>
      </table>
    </div>
  )
}
