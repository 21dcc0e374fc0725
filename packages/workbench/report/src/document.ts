// SPDX-License-Identifier: GPL-2.0-only
import { isDeepStrictEqual } from 'node:util'
import {
  mergeComparisons,
  MergeError,
  summaryOf,
  type Comparison,
  type JudgedFinding,
} from '@pfo-workbench/compare'
import { findingKey, type Finding } from '@pfo-workbench/oracle'
import type { ReportOptions } from './options.ts'
import {
  documentSchema,
  schemaVersion,
  type Claim,
  type ComparisonDocument,
  type FindingDocument,
} from './schema.ts'

/**
 * Thrown when a text is not a comparison document, or when documents cannot be merged. The message gives the place and
 * the reason.
 */
export class DocumentError extends Error {
  override readonly name = 'DocumentError'
}

/** Size limit of a document in bytes. A comparison of 33 variants in 19 scenarios takes a tenth of it. */
export const maxDocumentBytes: number = 1 << 28

/** The comparison of a document, and the report options that the document stores. */
export interface ReadDocument {
  readonly comparison: Comparison
  readonly options: Required<Pick<ReportOptions, 'commands'>> & Pick<ReportOptions, 'workbench'>
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw new DocumentError('it is not JSON. Accepted: what "pfo compare --format json" writes')
  }
}

function checkVersion(data: unknown): void {
  const version =
    typeof data === 'object' && data !== null && 'schemaVersion' in data ? data.schemaVersion : null
  if (version === schemaVersion) return
  const what =
    typeof version === 'number'
      ? `its schemaVersion is ${String(version)}`
      : 'it has no schemaVersion that is a number'
  throw new DocumentError(
    `${what}. Accepted: what "pfo compare --format json" of this version writes, schemaVersion ${String(schemaVersion)}`,
  )
}

/**
 * Parses a document and checks it against its schema.
 *
 * @throws DocumentError if the text is not JSON, has another `schemaVersion`, or does not match the schema
 */
export function parseComparisonDocument(json: string): ComparisonDocument {
  return checkedDocument(parse(json))
}

function checkedDocument(data: unknown): ComparisonDocument {
  checkVersion(data)
  const parsed = documentSchema.safeParse(data)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.map(String).join('.') ?? ''
  throw new DocumentError(`it is damaged${where === '' ? '' : ` at "${where}"`}: ${issue?.message ?? ''}`)
}

/** Looks up the evidence of a finding, in the cell itself or in the unpatched kernel's cell of the same scenario. */
type ProofOf = (claim: Claim) => Pick<Finding, 'evidence' | 'masks'>

/**
 * Converts a finding of a document. Drops its messages, because reports make them again from the data. Adds the
 * evidence of the findings that it refers to.
 */
function findingOf(
  { message: _message, before: _before, evidence, unpatched, hiddenBy, ...finding }: FindingDocument,
  proofOf: ProofOf,
): JudgedFinding {
  const whole = (claim: Claim): Finding => ({ ...claim, ...proofOf(claim) })
  const judgement = {
    ...(unpatched === undefined
      ? {}
      : {
          unpatched: 'finding' in unpatched ? { ...unpatched, finding: whole(unpatched.finding) } : unpatched,
        }),
    ...(hiddenBy === undefined
      ? {}
      : {
          hiddenBy: 'finding' in hiddenBy ? { ...hiddenBy, finding: whole(hiddenBy.finding) } : hiddenBy,
        }),
  }
  return { ...finding, evidence: evidence.map(withoutText), ...judgement } as unknown as JudgedFinding
}

function withoutText({
  text: _text,
  ...evidence
}: FindingDocument['evidence'][number]): Finding['evidence'][number] {
  return evidence
}

function twice(values: readonly string[]): string | undefined {
  const seen = new Set<string>()
  return values.find((value) => seen.has(value) || !seen.add(value))
}

/**
 * Checks the rules that a schema cannot express: no id occurs twice, every reference names an existing entry, and the
 * totals of a variant match its cells.
 */
function checkWhole({ baseline, variants, scenarios, leftOut = [], cells, interactions }: Comparison): void {
  const refuse = (why: string): never => {
    throw new DocumentError(`it is damaged: ${why}`)
  }
  const ids = variants.map(({ id }) => id)
  const [again, scenarioAgain] = [twice(ids), twice(scenarios.map(({ id }) => id))]
  if (again !== undefined) refuse(`two variants have the id "${again}"`)
  if (scenarioAgain !== undefined) refuse(`two scenarios have the id "${scenarioAgain}"`)
  const both = leftOut.find(({ id }) => scenarios.some((one) => one.id === id))
  if (both !== undefined) refuse(`the scenario "${both.id}" is both compared and left out`)
  if (!ids.includes(baseline)) refuse(`there is no variant "${baseline}", the unpatched kernel`)
  const [known, played] = [new Set(ids), new Set(scenarios.map(({ id }) => id))]
  for (const { variant, scenario } of cells) {
    if (!known.has(variant)) refuse(`a cell names the variant "${variant}", which does not exist`)
    if (!played.has(scenario)) refuse(`a cell names the scenario "${scenario}", which does not exist`)
  }
  const cellAgain = twice(cells.map(({ variant, scenario }) => `${variant} in ${scenario}`))
  if (cellAgain !== undefined) refuse(`there are two cells of ${cellAgain}`)
  for (const { variant } of interactions)
    if (!known.has(variant)) refuse(`an interaction names the variant "${variant}", which does not exist`)
  for (const variant of variants) {
    for (const [status, count] of Object.entries(summaryOf(variant.id, cells))) {
      const said = variant[status as keyof ReturnType<typeof summaryOf>]
      if (said !== count)
        refuse(
          `the summary of "${variant.id}" has ${status}: ${String(said)}, but its cells have ${String(count)}`,
        )
    }
  }
}

const sameClaim = (a: Finding | FindingDocument, b: Claim): boolean =>
  a.kind === b.kind && a.count === b.count && a.step === b.step && isDeepStrictEqual(a.data, b.data)

/**
 * Makes the lookup of evidence. If a finding refers to another finding, the document has the evidence of that other
 * finding only in its own entry, in one of these cells. If the entry is missing, the lookup returns no evidence.
 */
function proofsAmong(cells: readonly (readonly FindingDocument[])[]): ProofOf {
  const byKey = new Map<string, FindingDocument[]>()
  for (const one of cells.flat()) {
    const key = findingKey(one)
    const known = byKey.get(key)
    if (known === undefined) byKey.set(key, [one])
    else known.push(one)
  }
  return (claim) => {
    const named = byKey.get(findingKey(claim)) ?? []
    const { evidence = [], masks } = named.find((one) => sameClaim(one, claim)) ?? named[0] ?? {}
    return { evidence: evidence.map(withoutText), ...(masks === undefined ? {} : { masks }) }
  }
}

function comparisonOf(document: ComparisonDocument): Comparison {
  const { kernel, engine, origin, compiler, configuration, oracles, baseline, variants, scenarios } = document
  const unpatched = new Map(
    document.cells
      .filter(({ variant }) => variant === document.baseline)
      .map(({ scenario, findings }) => [scenario, findings]),
  )
  const cells = document.cells.map(({ findings, steps, ...cell }) => {
    const proofOf = proofsAmong([unpatched.get(cell.scenario) ?? [], findings])
    return {
      ...cell,
      findings: findings.map((one) => findingOf(one, proofOf)),
      steps: steps.map(({ title: _title, resultText: _text, ...played }) => played),
    }
  })
  const interactions = document.interactions.map(({ message: _message, ...one }) => one)
  const comparison: Omit<Comparison, 'cells' | 'interactions'> = {
    kernel,
    engine,
    origin,
    ...(compiler === undefined ? {} : { compiler }),
    ...(configuration === undefined ? {} : { configuration }),
    oracles,
    baseline,
    variants: variants.map(({ exercise, ...variant }) => ({
      ...variant,
      exercise: exercise.map(({ ranIn, ...one }) => ({ ...one, scenarios: ranIn })),
    })),
    scenarios,
    ...(document.leftOut === undefined ? {} : { leftOut: document.leftOut }),
  }
  return { ...comparison, cells, interactions }
}

/**
 * Reads a document that `toJson` wrote. The document may come from an untrusted source, so everything in it is checked.
 *
 * @throws DocumentError if the document is invalid
 */
export function readDocument(json: string): ReadDocument {
  return readParsedDocument(parse(json))
}

/**
 * Reads a document whose JSON is already parsed.
 *
 * @throws DocumentError if the document is invalid
 */
export function readParsedDocument(data: unknown): ReadDocument {
  const document = checkedDocument(data)
  const comparison = comparisonOf(document)
  checkWhole(comparison)
  const { commands, workbench } = document
  return { comparison, options: { commands, ...(workbench === undefined ? {} : { workbench }) } }
}

/**
 * Merges documents of comparisons with the same unpatched kernel.
 *
 * @throws DocumentError if the kernels differ, or if the comparisons do not complete each other
 */
export function mergeDocuments(documents: readonly [ReadDocument, ...ReadDocument[]]): ReadDocument {
  const [first, ...others] = documents
  if (others.length === 0) return first
  try {
    const comparison = mergeComparisons([first.comparison, ...others.map((one) => one.comparison)])
    const commands = [...new Set(documents.flatMap(({ options }) => options.commands))]
    return { comparison, options: { ...first.options, commands } }
  } catch (cause) {
    if (cause instanceof MergeError)
      throw new DocumentError(`they cannot be merged: ${cause.message}`, { cause })
    throw cause
  }
}
