// SPDX-License-Identifier: GPL-2.0-only
import type { Immutable } from '@pfo-workbench/run'
import { z } from 'zod'

const text = z.string()
const findingName = z.strictObject({ oracle: text, subject: text })

const interaction = <Kind extends string, Fields extends z.core.$ZodLooseShape>(kind: Kind, fields: Fields) =>
  z.strictObject({
    variant: text,
    kind: z.literal(kind),
    /** The patches that cause the interaction. */
    patches: z.array(text),
    ...fields,
  })

/** Schema of `Interaction`. */
export const interactionSchema = z.discriminatedUnion('kind', [
  /** A finding that these patches cause in these scenarios only if all of them are applied. */
  interaction('combination', { finding: findingName, scenarios: z.array(text).nonempty() }),
  /**
   * The stack has the same findings without this patch: the patch alone changes none, or the others have the same
   * effect.
   */
  interaction('redundant', { why: z.enum(['changes-nothing', 'others-do-it']), others: z.array(text) }),
  /** A finding that is gone in `scenario` only because another one masks it. */
  interaction('masked', { finding: findingName, scenario: text, mask: findingName }),
  /** A finding that the variant does not show in one scenario, but shows in a second one that continues the first. */
  interaction('returns', { finding: findingName, goneIn: text, scenario: text }),
  /** With the second patch before the first, the stack does not build or run, or has other findings. */
  interaction('order', { becomes: z.enum(['other-findings', 'conflict', 'invalid', 'crashed', 'timeout']) }),
])

/** An interaction between the patches of a variant, or between its patches and a finding. */
export type Interaction = Immutable<z.output<typeof interactionSchema>>

/** The kinds of interactions. */
export type InteractionKind = Interaction['kind']

/** The key of a finding, in two parts. */
export type FindingName = Immutable<z.output<typeof findingName>>
