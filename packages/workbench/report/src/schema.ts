// SPDX-License-Identifier: GPL-2.0-only
import {
  changeKinds,
  findingStatuses,
  interactionSchema,
  storySchema,
  type Interaction,
} from '@pfo-workbench/compare'
import { evidenceSchema, findingSchema, type Evidence, type Finding } from '@pfo-workbench/oracle'
import { outcomeSchema, playedStepSchema, unmodelledSchema, type Immutable } from '@pfo-workbench/run'
import { z } from 'zod'

/** Version of the document format. Increase it when the meaning of a field changes. */
export const schemaVersion = 2

const text = z.string()
const texts = z.array(text)
const count = z.number().int().nonnegative()

/** Changes the shape of each option of a union whose discriminator is `kind`. */
function reshaped(
  union: { readonly options: readonly unknown[] },
  reshape: (option: z.ZodObject) => z.ZodObject,
): z.ZodDiscriminatedUnion {
  const [first, ...rest] = union.options.map((option) => reshape(option as z.ZodObject))
  if (first === undefined) throw new RangeError('a union has no options')
  return z.discriminatedUnion('kind', [first, ...rest])
}

const evidenceWords = { text: text.describe('The text') }

/** Evidence as documents store it. */
export type EvidenceDocument = Evidence & Immutable<z.output<z.ZodObject<typeof evidenceWords>>>

const evidence = reshaped(evidenceSchema, (option) => option.extend(evidenceWords)).meta({
  id: 'evidence',
}) as unknown as z.ZodType<EvidenceDocument>

/** A finding without the fields that a document does not repeat: its evidence, `masks` and `steps`. */
export type Claim<One extends Finding = Finding> = One extends Finding
  ? Omit<One, 'evidence' | 'masks' | 'steps'>
  : never

const withoutProof = { evidence: true, masks: true, steps: true } as const

const claim = reshaped(findingSchema, (option) => option.omit(withoutProof)).meta({
  id: 'claim',
}) as unknown as z.ZodType<Claim>

const hiddenBySchema = z
  .discriminatedUnion('reason', [
    z.strictObject({ reason: z.literal('run-ended'), step: count, finding: claim.exactOptional() }),
    z.strictObject({ reason: z.enum(['masked', 'other-symptom']), finding: claim }),
    z.strictObject({ reason: z.literal('other-scenario'), scenario: text }),
  ])
  .meta({ id: 'hiddenBy' })

/** Document form of `HiddenBy`: why one of the two kernels does not show a finding. */
type HiddenByDocument = Readonly<z.output<typeof hiddenBySchema>>

const unpatchedSchema = z.discriminatedUnion('state', [
  z.strictObject({ state: z.enum(['differs', 'hidden']), finding: claim }),
  z.strictObject({ state: z.literal('not-reached'), endedIn: count }),
])

/** Document form of `Unpatched`: the counterpart of a finding on the unpatched kernel. */
type UnpatchedDocument = Readonly<z.output<typeof unpatchedSchema>>

// These two annotations shorten the declarations below. Without them, the compiler would write out all findings in each
// declaration, and exceed its own limit.
const hiddenBy: z.ZodType<HiddenByDocument> = hiddenBySchema
const unpatched: z.ZodType<UnpatchedDocument> = unpatchedSchema

const judgement = {
  surplus: z
    .literal(true)
    .exactOptional()
    .describe(
      'Set if the variant has more occurrences of a finding than the unpatched kernel; `count` is the excess',
    ),
  status: z.enum(findingStatuses).describe('Compared with the unpatched kernel in the same scenario'),
  message: text.describe('One sentence for readers'),
  before: text.exactOptional().describe('Message on the unpatched kernel, if it differs'),
  unpatched: unpatched.exactOptional().describe('The finding on the unpatched kernel, if it differs'),
  hiddenBy: hiddenBy
    .exactOptional()
    .describe(
      'Revealed finding: why the unpatched kernel does not show it. Kept or not reached: why the variant does not show it',
    ),
  evidence: z.array(evidence),
}

/** A finding as documents store it. `oracle`, `subject` and `surplus` identify it within its cell. */
export type FindingDocument = Claim &
  Pick<Finding, 'masks'> &
  Immutable<z.output<z.ZodObject<typeof judgement>>>

const finding = reshaped(findingSchema, (option) =>
  option.omit({ evidence: true }).extend(judgement),
) as unknown as z.ZodType<FindingDocument>

const mail = z.strictObject({
  subject: text,
  from: text,
  to: text,
  cc: text,
  date: text,
  messageId: text,
  inReplyTo: text,
  references: texts,
})

const variant = z.strictObject({
  id: text,
  title: text,
  patches: texts.describe('Ids of the patches, in the order of application'),
  diffs: z.array(
    z.strictObject({
      id: text,
      subject: text,
      author: text.describe('`Name <address>`, or empty'),
      date: text.describe('The date as written in the mail, or empty'),
      mail: mail.nullable().describe('Header of the mail; null for a diff without one'),
      body: text.describe('The commit message below the subject'),
      text: text.describe('A unified diff'),
    }),
  ),
  status: z.enum(['ok', 'conflict', 'invalid', 'crashed', 'timeout']),
  reason: text.exactOptional().describe('Reason why the status is not ok'),
  exercised: z.boolean().describe('True if a changed statement ran in any scenario'),
  exercise: z
    .array(
      z.strictObject({
        file: text,
        line: count.describe('Line in the patched file; for a removed statement, the line of its neighbor'),
        statement: text.describe('Text on one line, without nested statements'),
        removed: z.literal(true).exactOptional(),
        never: text.describe('Reason why it cannot run in this kernel').exactOptional(),
        scenarios: count.describe('Number of scenarios that ran it'),
        ranIn: texts.describe('Ids of the scenarios that ran it'),
      }),
    )
    .describe('Changed statements; empty if only types or comments changed'),
  exerciseUnknown: texts.describe('Scenarios without hit counts, because the run crashed its process'),
  fixed: count,
  kept: count,
  introduced: count,
  revealed: count,
  notReached: count,
  changes: count,
  rank: z.number().int().positive().describe('1 is best'),
})

const change = z.strictObject({
  kind: z.enum(changeKinds),
  subject: text,
  step: count,
  before: text,
  after: text,
})

const cell = z.strictObject({
  variant: text,
  scenario: text,
  outcome: z.enum([...outcomeSchema.options, 'timeout']),
  unmodelled: unmodelledSchema.exactOptional().describe('Function that the engine does not supply'),
  assumed: texts.describe('Assumed functions that the run called'),
  findings: z
    .array(finding)
    .describe('Findings of the variant, and findings of the unpatched kernel that it fixed'),
  changes: z.array(change).describe('Differences from the unpatched kernel that no oracle reports'),
  console: texts,
  steps: z.array(
    playedStepSchema.extend({
      title: text.describe('The action, in words'),
      resultText: text.describe('The result, in words'),
    }),
  ),
  story: storySchema.nullable().describe('History of the device tree; null if the run timed out'),
})

const interactionWords = { message: text.describe('One sentence for readers') }

/** An interaction of patches as documents store it. */
export type InteractionDocument = Interaction & Immutable<z.output<z.ZodObject<typeof interactionWords>>>

const interaction = reshaped(interactionSchema, (option) =>
  option.extend(interactionWords),
) as unknown as z.ZodType<InteractionDocument>

const document = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  kernel: text.describe('Unpatched kernel'),
  engine: text.describe('Engine id'),
  origin: text.describe('Hash of the unpatched kernel and of the engine'),
  compiler: text.exactOptional(),
  configuration: text.exactOptional().describe('Kernel configuration'),
  workbench: z
    .strictObject({ version: text, commit: text.exactOptional() })
    .exactOptional()
    .describe('Version of the workbench'),
  commands: texts.describe('Commands that repeat the comparison'),
  oracles: z.array(z.strictObject({ id: text, title: text })).describe('Oracles'),
  baseline: z.literal('baseline').describe('Id of the unpatched variant, with which the others are compared'),
  variants: z.array(variant),
  scenarios: z.array(z.strictObject({ id: text, title: text })),
  leftOut: z
    .array(z.strictObject({ id: text, title: text, reason: text }))
    .exactOptional()
    .describe('Scenarios that this kernel cannot play'),
  cells: z
    .array(cell)
    .describe('Ordered by variant, then by scenario; no cells for variants that could not be run'),
  interactions: z.array(interaction).describe('Interactions between the patches of a variant'),
})

/** The JSON document of a comparison, as `toJson` writes it. */
export type ComparisonDocument = Immutable<z.output<typeof document>>

/** Schema of `ComparisonDocument`. */
export const documentSchema: z.ZodType<ComparisonDocument> = document

/** JSON Schema of the document that `toJson` writes; `schema/comparison.schema.json` contains it. */
export function comparisonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(document, { io: 'input' }), title: 'Comparison of kernel patches' }
}
