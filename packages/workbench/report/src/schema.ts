// SPDX-License-Identifier: GPL-2.0-only
import type { Cell, Comparison, Interaction, JudgedFinding, VariantSummary } from '@pfo-workbench/compare'
import { z } from 'zod'

/** `T` with the fields `K` optional, or there and undefined, as a parser of JSON gives them. */
export type WithOptional<T, K extends keyof T> = Omit<T, K> & { readonly [key in K]?: T[key] | undefined }

/** A finding as it is written. */
export type FindingDocument = WithOptional<Omit<JudgedFinding, 'masks' | 'evidence'>, 'before'> & {
  readonly evidence: readonly {
    readonly text: string
    /** Kernel functions, innermost first. */
    readonly chain: readonly string[]
    readonly seq?: number | undefined
  }[]
}

/** What `toJson` writes: the comparison without device trees and reference counts. */
export interface ComparisonDocument {
  readonly schemaVersion: 1
  readonly kernel: string
  readonly baseline: string
  readonly variants: readonly (WithOptional<Omit<VariantSummary, 'exercised'>, 'reason'> & {
    readonly exercised?: false | undefined
  })[]
  readonly scenarios: Comparison['scenarios']
  readonly cells: readonly (Omit<Cell, 'story' | 'findings' | 'steps'> & {
    readonly findings: readonly FindingDocument[]
    readonly steps: readonly { readonly index: number; readonly title: string; readonly result: string }[]
  })[]
  readonly interactions: readonly WithOptional<Interaction, 'finding' | 'scenario'>[]
}

const text = z.string()
const texts = z.array(text)
const count = z.number().int().nonnegative()

const finding = z.strictObject({
  oracle: text,
  subject: text.describe(
    'What it is about. `oracle` and `subject` are its key: the same in every run it arises in',
  ),
  step: count.describe('The step in which it arose; 0 is the boot'),
  count: count.describe('How often it happened, or how many there are'),
  status: z.enum(['fixed', 'kept', 'introduced']).describe('Against the baseline in the same scenario'),
  message: text.describe('One sentence'),
  before: text.optional().describe('How it was on the baseline, where that is not what the message says'),
  evidence: z.array(
    z.strictObject({
      text,
      chain: texts.describe('Kernel functions, innermost first'),
      seq: count.optional().describe('Position of the event in the run'),
    }),
  ),
})

const variant = z.strictObject({
  id: text,
  title: text,
  patches: texts.describe('Ids of the patches, in the order in which they are applied'),
  diffs: z.array(
    z.strictObject({
      id: text,
      subject: text,
      body: text.describe('The commit message below the subject'),
      text: text.describe('A unified diff'),
    }),
  ),
  status: z.enum(['ok', 'conflict', 'invalid', 'crashed', 'timeout']),
  reason: text.optional().describe('Why the status is not ok'),
  exercised: z.literal(false).optional().describe('False if no changed line ran in any scenario'),
  fixed: count,
  kept: count,
  introduced: count,
  rank: z.number().int().positive().describe('1 is best'),
})

const cell = z.strictObject({
  variant: text,
  scenario: text,
  outcome: z.enum(['completed', 'deadlock', 'oops', 'timeout', 'unmodelled']),
  findings: z.array(finding).describe('What the variant has, and what it fixed of the baseline'),
  console: texts,
  steps: z.array(z.strictObject({ index: count, title: text, result: text })),
})

const interaction = z.strictObject({
  variant: text,
  kind: z.enum(['combination', 'redundant', 'hides', 'order']),
  patches: texts,
  finding: text.optional(),
  scenario: text.optional(),
  message: text,
})

/** The JSON document of a comparison. Fields may be added; one that changes its meaning raises `schemaVersion`. */
const document: z.ZodType<ComparisonDocument> = z.strictObject({
  schemaVersion: z.literal(1),
  kernel: text.describe('The kernel that the patches were applied to'),
  baseline: text.describe('Id of the variant that the others are held against'),
  variants: z.array(variant),
  scenarios: z.array(z.strictObject({ id: text, title: text })),
  cells: z
    .array(cell)
    .describe('In the order of variants, then scenarios; none for variants that could not be run'),
  interactions: z.array(interaction).describe('What the patches of a variant do to each other'),
})

/** The JSON Schema of what `toJson` writes, as in `schema/comparison.schema.json`. */
export function comparisonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(document), title: 'Comparison of kernel patches' }
}

/** What the document says, checked against the schema. @throws ZodError if it is no such document */
export function parseComparisonDocument(json: string): ComparisonDocument {
  return document.parse(JSON.parse(json))
}
