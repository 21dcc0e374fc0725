// SPDX-License-Identifier: GPL-2.0-only
import type { JSX } from 'preact'
import { legendOf, type GridCell, type GridRow } from '../view/grid.ts'
import { cellAnchor, linkTo, variantAnchor } from './anchors.ts'
import { VariantCounts } from './variant-counts.tsx'
import { cellSign, typeset, wordsOf } from './marks.ts'
import { Name } from './name.tsx'
import type { RowGroup, SummaryRow } from './summary.ts'
import type { ComparisonView } from '../wording/comparison-view.ts'

/** Indices (in the comparison's list) of the oracles whose findings the cell shows. */
function oraclesOf({ cell }: GridCell, oracles: readonly string[]): string {
  const shown = (cell?.findings ?? []).filter(({ status }) => status !== 'fixed' && status !== 'not-reached')
  return [...new Set(shown.map(({ oracle }) => oracles.indexOf(oracle)))].join(' ')
}

interface SquareProps {
  readonly name: string
  readonly one: GridCell
  readonly oracles: readonly string[]
}

function Square({ name, one, oracles }: SquareProps): JSX.Element {
  const words = `${name}, ${one.scenario}: ${wordsOf(one)}`
  if (one.cell === undefined)
    return (
      <td>
        <span class={`cell ${one.status}`} title={words}>
          {cellSign(one)}
        </span>
      </td>
    )
  return (
    <td>
      <a
        class={`cell ${one.status}`}
        href={linkTo(cellAnchor(one.cell))}
        data-oracles={oraclesOf(one, oracles)}
        aria-label={`${cellSign(one)} ${words}`.trim()}
      >
        {cellSign(one)}
      </a>
    </td>
  )
}

interface RowProps {
  readonly row: SummaryRow
  readonly oracles: readonly string[]
}

function Row({ row: { name, grid, reason }, oracles }: RowProps): JSX.Element {
  const { variant, cells } = grid
  return (
    <tr data-variant={variant.id}>
      <th scope="row">
        <a href={linkTo(variantAnchor(variant.id))} title={variant.title}>
          <Name text={name} />
        </a>
      </th>
      {cells.map((one) => (
        <Square name={name} one={one} oracles={oracles} />
      ))}
      <td class="why">
        <VariantCounts variant={variant} brief /> {reason}
      </td>
    </tr>
  )
}

/** Explains the signs of the matrix. */
export function Legend({ rows }: { readonly rows: readonly GridRow[] }): JSX.Element {
  const ends = new Map(
    rows.flatMap(({ cells }) =>
      cells.flatMap(({ cell, end }) => (cell === undefined || end === '' ? [] : [[end, cell.outcome]])),
    ),
  )
  return (
    <ul class="legend" aria-label="Signs">
      {legendOf(rows).map(({ status, mark, meaning }) => (
        <li>
          <span class={`cell ${status}`}>
            <b>{typeset(mark)[0]}</b>
          </span>
          {meaning.replace(/ N\b/, '')}
        </li>
      ))}
      {[...ends].map(([letter, outcome]) => (
        <li>
          <b>{letter}</b> ends in {outcome}
        </li>
      ))}
    </ul>
  )
}

interface MatrixProps {
  readonly comparison: ComparisonView
  readonly groups: readonly RowGroup[]
}

/** The matrix: variants as rows, grouped by verdict, and scenarios as columns. Each cell links to its details. */
export function Matrix({ comparison, groups }: MatrixProps): JSX.Element {
  const { scenarios } = comparison
  const oracles = comparison.oracles.map(({ id }) => id)
  return (
    <div class="scroll" role="region" aria-label="Variants and scenarios" tabIndex={0}>
      <table class="matrix">
        <thead>
          <tr>
            <th scope="col">variant</th>
            {scenarios.map(({ id, title }) => (
              <th scope="col" title={title} data-scenario={id}>
                <span>{id}</span>
              </th>
            ))}
            <th scope="col" class="why">
              why
            </th>
          </tr>
        </thead>
        {groups.map(({ title, rows }) => (
          <tbody>
            <tr class="group">
              <th scope="rowgroup" colSpan={scenarios.length + 2}>
                {title}
              </th>
            </tr>
            {rows.map((row) => (
              <Row row={row} oracles={oracles} />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  )
}
