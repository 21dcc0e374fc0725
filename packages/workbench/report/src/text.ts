// SPDX-License-Identifier: GPL-2.0-only
import type { Cell, Comparison, FindingStatus, JudgedFinding, VariantSummary } from '@pfo-workbench/compare'
import type { Evidence } from '@pfo-workbench/oracle'
import Table from 'cli-table3'
import picocolors from 'picocolors'
import { printableData } from './printable.ts'

type Colors = ReturnType<typeof picocolors.createColors>

/** How the text is to look. */
export interface TextOptions {
  readonly color: boolean
}

const sign: Readonly<Record<FindingStatus, string>> = { fixed: '-', kept: '=', introduced: '+' }
const order: readonly FindingStatus[] = ['introduced', 'kept', 'fixed']

function paint(colors: Colors, status: FindingStatus, text: string): string {
  if (status === 'introduced') return colors.red(text)
  return status === 'fixed' ? colors.green(text) : text
}

/** `+ leak 2`: how many findings of an oracle a cell has, by what became of them. */
function cellLines(cell: Cell, isBaseline: boolean, colors: Colors): string[] {
  const counts = new Map<string, number>()
  for (const status of order) {
    for (const finding of cell.findings) {
      if (finding.status !== status) continue
      const key = `${status} ${finding.oracle}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  const lines = [...counts].map(([key, count]) => {
    const [status, oracle] = key.split(' ') as [FindingStatus, string]
    const found = `${oracle} ${String(count)}`
    return isBaseline ? found : paint(colors, status, `${sign[status]} ${found}`)
  })
  const ended = cell.outcome === 'completed' ? [] : [colors.bold(`ends in ${cell.outcome}`)]
  return lines.length + ended.length === 0 ? ['clean'] : [...ended, ...lines]
}

function summaryLines(variant: VariantSummary, isBaseline: boolean, colors: Colors): string[] {
  if (variant.status !== 'ok') return [colors.red(variant.status)]
  if (isBaseline) return [`${String(variant.kept)} findings`]
  const lines = [
    paint(colors, 'fixed', `- ${String(variant.fixed)} fixed`),
    `= ${String(variant.kept)} kept`,
    paint(
      colors,
      variant.introduced > 0 ? 'introduced' : 'kept',
      `+ ${String(variant.introduced)} introduced`,
    ),
    `rank ${String(variant.rank)}`,
  ]
  return variant.exercised ? lines : [colors.yellow('not exercised'), ...lines]
}

function table(comparison: Comparison, colors: Colors): string {
  const { variants, scenarios, cells } = comparison
  const grid = new Table({
    head: ['scenario', ...variants.map((variant) => variant.id)],
    style: { head: [], border: [], compact: false },
  })
  for (const scenario of scenarios) {
    const row = variants.map((variant) => {
      const cell = cells.find((one) => one.variant === variant.id && one.scenario === scenario.id)
      return cell === undefined
        ? variant.status
        : cellLines(cell, variant.id === comparison.baseline, colors).join('\n')
    })
    grid.push([scenario.id, ...row])
  }
  grid.push([
    'all',
    ...variants.map((variant) =>
      summaryLines(variant, variant.id === comparison.baseline, colors).join('\n'),
    ),
  ])
  return grid.toString()
}

/** The scenarios in which a finding has a status in a variant. */
interface Place {
  readonly variant: string
  readonly status: FindingStatus
  readonly scenarios: string[]
}

/** A finding as it was first met, and where it stands. */
interface Occurrences {
  readonly first: JudgedFinding
  readonly places: Map<string, Place>
}

function collect(comparison: Comparison): Map<string, Occurrences> {
  const findings = new Map<string, Occurrences>()
  for (const cell of comparison.cells) {
    for (const finding of cell.findings) {
      const key = `${finding.oracle}  ${finding.subject}`
      let occurrences = findings.get(key)
      if (occurrences === undefined) findings.set(key, (occurrences = { first: finding, places: new Map() }))
      if (cell.variant === comparison.baseline) continue
      const { variant, scenario } = cell
      const place = `${finding.status} ${variant}`
      const entry = occurrences.places.get(place)
      if (entry === undefined)
        occurrences.places.set(place, { variant, status: finding.status, scenarios: [scenario] })
      else entry.scenarios.push(scenario)
    }
  }
  return findings
}

/** How many pieces of evidence a finding shows. */
const shownEvidence = 3

/** The first pieces of evidence that say different things. */
function telling(evidence: readonly Evidence[]): Evidence[] {
  const byText = new Map(evidence.toReversed().map((proof) => [proof.text, proof]))
  return evidence.filter((proof) => byText.get(proof.text) === proof).slice(0, shownEvidence)
}

/** Each finding once: what it is, which variants fix, keep or introduce it where, and what proves it. */
function evidence(comparison: Comparison, colors: Colors): string {
  const total = comparison.scenarios.length
  const blocks = [...collect(comparison)].map(([key, { first, places }]) => {
    const lines = [colors.bold(key), `    ${first.message}`]
    for (const proof of telling(first.evidence)) {
      lines.push(colors.dim(`    ${proof.text}: ${proof.chain.join(' < ')}`))
    }
    for (const { variant, status, scenarios } of places.values()) {
      const where = scenarios.length === total ? 'all scenarios' : scenarios.join(', ')
      lines.push(paint(colors, status, `  ${sign[status]} ${variant}: ${where}`))
    }
    return lines.join('\n')
  })
  return blocks.join('\n\n')
}

/** Why variants could not be judged. */
function reasons(comparison: Comparison): string[] {
  return comparison.variants.flatMap((variant) => {
    if (variant.reason !== undefined) return [`${variant.id}: ${variant.status}\n${variant.reason}`]
    return variant.exercised ? [] : [`${variant.id}: none of its changed lines ran in any scenario`]
  })
}

/**
 * The comparison for a terminal, without control characters but for colours: scenarios down, variants across, then every finding with its evidence.
 *
 * @param comparison - what to show
 * @param options - whether to use colour
 */
export function toText(comparison: Comparison, options: TextOptions): string {
  const colors = picocolors.createColors(options.color)
  const shown = printableData(comparison)
  const { variants, scenarios, kernel } = shown
  const title = `Linux ${kernel}: ${String(variants.length)} variants x ${String(scenarios.length)} scenarios`
  const legend = `Against ${shown.baseline}:  - fixed   = kept   + introduced   (number of findings by oracle)`
  const parts = [title, legend, table(shown, colors), ...reasons(shown), evidence(shown, colors)]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}
