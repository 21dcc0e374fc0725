// SPDX-License-Identifier: GPL-2.0-only
import type { FindingStatus } from '@pfo-workbench/compare'
import { statusOrder } from '../view/comparison.ts'
import { findingGroups, type FindingGroup } from '../view/findings.ts'
import { similarFindings, type SimilarFindings } from '../view/similar-findings.ts'
import { namer } from '../view/names.ts'
import { kindLegend, messageText, placeText, evidenceTexts, subjectText } from './similar-findings.ts'
import { shortChainText } from '../view/chain.ts'
import { wrapped } from './lines.ts'
import { scenarioList, variantList } from './lists.ts'
import { paint, sign } from './status.ts'
import type { TextStyle } from './text-style.ts'
import type { ComparisonView } from '../wording/comparison-view.ts'

const headings: Readonly<Record<FindingStatus, string>> = {
  introduced: 'INTRODUCED: the unpatched kernel does not have it',
  revealed: 'REVEALED: the unpatched kernel has it too, but hides it',
  fixed: 'FIXED: a variant does not have it any more',
  'not-reached': 'NOT REACHED: the run of a variant ended before it',
  kept: 'KEPT: no variant fixes it',
}

function groupText(group: FindingGroup, comparison: ComparisonView, { colors, columns }: TextStyle): string {
  const [first = '', ...others] = group.subjects
  const indent = ' '.repeat(group.oracle.length + 2)
  const proofs = group.evidence.map((proof) =>
    colors.dim(wrapped('      ', `${proof.text}: ${shortChainText(proof.chain)}`, columns)),
  )
  const from = proofs.length === 0 ? '' : ` (${group.scenario})`
  return [
    colors.bold(wrapped('', `${group.oracle}  ${first}`, columns)),
    ...others.map((subject) => colors.bold(wrapped(indent, subject, columns))),
    wrapped('    ', `${group.message}${from}`, columns),
    ...proofs,
    ...group.places.flatMap(({ status, variants, scenarios, message, before }) =>
      [
        wrapped(
          `  ${sign[status]} `,
          `${variantList(variants, comparison)}: ${scenarioList(scenarios, comparison.scenarios)}`,
          columns,
        ),
        ...(message === null ? [] : [wrapped('      ', message, columns)]),
        ...(before === null ? [] : [wrapped('      unpatched: ', before, columns)]),
      ].map((line) => paint(colors, status, line)),
    ),
  ].join('\n')
}

function kindText(
  kind: SimilarFindings,
  name: (id: string) => string,
  { colors, columns }: TextStyle,
): string {
  return [
    colors.bold(wrapped('', `${kind.oracle}  ${subjectText(kind.subjects)}`, columns)),
    wrapped('    ', messageText(kind, name), columns),
    ...evidenceTexts(kind).map((line) => colors.dim(wrapped('      ', line, columns))),
    ...kind.places.map((place) =>
      paint(colors, place.status, wrapped(`  ${sign[place.status]} `, placeText(place, name), columns)),
    ),
  ].join('\n')
}

/**
 * Lists the findings with their evidence, and the variants and scenarios in which they are introduced, fixed or kept.
 * Introduced findings come first.
 *
 * @param brief - list kinds of findings instead of single findings with their scenarios
 */
export function findings(comparison: ComparisonView, brief: boolean, look: TextStyle): string {
  const { colors, columns } = look
  const name = namer(comparison)
  const all = brief
    ? similarFindings(comparison).map((kind) => ({ ...kind, text: kindText(kind, name, look) }))
    : findingGroups(comparison).map((group) => ({ ...group, text: groupText(group, comparison, look) }))
  const sections = statusOrder.flatMap((status) => {
    const own = all.filter((one) => one.status === status)
    return own.length === 0
      ? []
      : [colors.bold(wrapped('', headings[status], columns)), ...own.map(({ text }) => text)]
  })
  return [...(brief && sections.length > 0 ? [wrapped('', kindLegend, columns)] : []), ...sections].join(
    '\n\n',
  )
}
