// SPDX-License-Identifier: GPL-2.0-only
import type { Immutable } from '@pfo-workbench/run'
import { z } from 'zod'

const text = z.string()
const findingName = z.strictObject({ oracle: text, subject: text })

const interaction = <Kind extends string, Fields extends z.core.$ZodLooseShape>(kind: Kind, fields: Fields) =>
  z.strictObject({
    variant: text,
    kind: z.literal(kind),
    /** The patches that it is due to. */
    patches: z.array(text),
    ...fields,
  })

/** Schema of `Interaction`. */
export const interactionSchema = z.discriminatedUnion('kind', [
  /** A finding that arises in these scenarios with these patches together only; each alone does not have it. */
  interaction('combination', { finding: findingName, scenarios: z.array(text).nonempty() }),
  /** Without this patch the stack does the same: it changes nothing by itself either, or the others do what it does. */
  interaction('redundant', { why: z.enum(['changes-nothing', 'others-do-it']), others: z.array(text) }),
  /** A finding that is gone in `scenario` only because another one masks it. */
  interaction('masked', { finding: findingName, scenario: text, mask: findingName }),
  /** A finding that is gone in one scenario and back in another, which goes on from there. */
  interaction('returns', { finding: findingName, goneIn: text, scenario: text }),
  /** With the second of these two patches before the first the stack does not build or run, or has other findings. */
  interaction('order', { becomes: z.enum(['other-findings', 'conflict', 'invalid', 'crashed', 'timeout']) }),
])

/** What the patches of a variant do to each other, or to a finding. */
export type Interaction = Immutable<z.output<typeof interactionSchema>>

/** The kinds of interactions. */
export type InteractionKind = Interaction['kind']

/** What a finding is called: its key in two parts. */
export type FindingName = Immutable<z.output<typeof findingName>>
