// SPDX-License-Identifier: GPL-2.0-only
import { createRequire } from 'node:module'
import type { Comparison, VariantSummary } from '@pfo-workbench/compare'
import type * as XmlBuilder from 'xmlbuilder2'
import { printableData } from './printable.ts'
import { changeText } from './view/changes.ts'
import { chainText } from './view/chain.ts'
import { cellFinder } from './view/comparison.ts'
import { exerciseText } from './view/exercise.ts'
import { leftOutTitle } from './view/left-out.ts'
import { toComparisonView, type CellView, type FindingView } from './wording/comparison-view.ts'

type Builder = ReturnType<typeof XmlBuilder.create>

/** Loads the builder at the first use: loading takes a fifth of a second, and most commands print no XML. */
function loadBuilder(): typeof XmlBuilder {
  return createRequire(import.meta.url)('xmlbuilder2') as typeof XmlBuilder
}

/** Escapes the code points that XML does not allow. `printable` has escaped all others. */
function xmlText(text: string): string {
  return text.replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`)
}

function evidenceOf(finding: FindingView): string {
  const proofs = finding.evidence.map(({ text, chain }) => `${text}: ${chainText(chain)}`)
  return [finding.message, ...proofs].join('\n')
}

function isError(cell: CellView | undefined): boolean {
  return cell === undefined || cell.outcome === 'timeout'
}

function introducedIn(cell: CellView | undefined): FindingView[] {
  return cell?.findings.filter(({ status }) => status === 'introduced') ?? []
}

/** Results of a patch that never ran say nothing. The unpatched kernel has no patch, so it is never skipped. */
function isSkipped({ exercised, patches }: VariantSummary, cell: CellView | undefined): boolean {
  return !isError(cell) && !exercised && patches.length > 0
}

/** An introduced finding fails the test case. A kept finding does not: the unpatched kernel has it too. */
function testCase(
  suite: Builder,
  variant: VariantSummary,
  scenario: string,
  cell: CellView | undefined,
): void {
  const test = suite.ele('testcase', { classname: variant.id, name: scenario })
  if (cell === undefined) {
    const message = `${variant.status}: ${variant.reason?.split('\n')[0] ?? 'not played'}`
    test.ele('error', { type: variant.status, message }).txt(variant.reason ?? message)
    return
  }
  for (const finding of introducedIn(cell)) {
    const message = `${finding.oracle}: ${finding.subject}`
    test.ele('failure', { type: finding.oracle, message }).txt(evidenceOf(finding))
  }
  if (isError(cell)) test.ele('error', { type: 'timeout', message: 'the run took too long' })
  if (isSkipped(variant, cell)) test.ele('skipped', { message: exerciseText(variant) ?? '' })
  const changes = cell.changes.map((change) => `change: ${changeText(change)}`)
  const output = [...changes, ...cell.console]
  if (output.length > 0) test.ele('system-out').txt(output.join('\n'))
}

/** Counts the test cases of a suite, for its attributes. The scenarios that were left out count as skipped. */
function countsOf(
  variant: VariantSummary,
  cells: readonly (CellView | undefined)[],
  leftOut: number,
): Record<string, string> {
  return {
    tests: String(cells.length + leftOut),
    failures: String(cells.filter((cell) => introducedIn(cell).length > 0).length),
    errors: String(cells.filter(isError).length),
    skipped: String(cells.filter((cell) => isSkipped(variant, cell)).length + leftOut),
  }
}

/**
 * Writes the comparison as JUnit XML for a continuous integration server: one test suite per variant, one test case per
 * scenario. A test case fails if the variant introduces a finding. It is an error if it could not be played or took too
 * long. It is skipped if the kernel cannot play the scenario, or if no changed statement of the variant ran in any
 * scenario. The document contains no times, so the same comparison gives the same bytes.
 *
 * @param comparison - the comparison to show
 */
export function toJunit(comparison: Comparison): string {
  const shown = printableData(toComparisonView(comparison))
  const find = cellFinder(shown)
  const document = loadBuilder().create({ version: '1.0', encoding: 'UTF-8' })
  const suites = document.ele('testsuites', { name: `Linux ${shown.kernel}` })
  const { leftOut = [] } = shown
  for (const variant of shown.variants) {
    const cells = shown.scenarios.map(({ id }) => find(variant.id, id))
    const suite = suites.ele('testsuite', {
      name: variant.id,
      ...countsOf(variant, cells, leftOut.length),
    })
    shown.scenarios.forEach(({ id }, index) => {
      testCase(suite, variant, id, cells[index])
    })
    for (const { id, reason } of leftOut) {
      const test = suite.ele('testcase', { classname: variant.id, name: id })
      test.ele('skipped', { message: `${leftOutTitle}: ${reason}` })
    }
  }
  return `${xmlText(document.end({ prettyPrint: true }))}\n`
}
