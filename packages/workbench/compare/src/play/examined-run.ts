// SPDX-License-Identifier: GPL-2.0-only
import { findingSchema } from '@pfo-workbench/oracle'
import { outcomeSchema, playedStepSchema, unmodelledSchema } from '@pfo-workbench/run'
import { z } from 'zod'
import { changeKinds } from '../changes/change.ts'
import { storySchema } from '../story-schema.ts'
import type { ExaminedRun } from './examined.ts'

/** The output of the engine is no examined run; the message says where. */
export class ExaminedRunError extends Error {
  override readonly name = 'ExaminedRunError'
}

const text = z.string()
const count = z.number().int().nonnegative()

const life = z.strictObject({
  object: text,
  functions: z.array(text),
  holders: z.array(z.strictObject({ by: text, taken: count, dropped: count, lost: count })),
})

const observation = z.strictObject({
  kind: z.enum(changeKinds),
  subject: text,
  step: count,
  value: text,
  report: text.exactOptional(),
})

const examined: z.ZodType<ExaminedRun> = z.strictObject({
  outcome: outcomeSchema,
  unmodelled: unmodelledSchema.nullable(),
  assumed: z.array(text),
  brokenOffIn: count.nullable(),
  steps: z.array(playedStepSchema).nonempty(),
  findings: z.array(findingSchema),
  console: z.array(text),
  story: storySchema,
  lives: z.array(life),
  observed: z.strictObject({ states: z.array(observation), happenings: z.array(observation) }),
})

/**
 * Parses the answer of `play`. It comes from the sandbox, where patched code runs, so it is fully validated.
 *
 * @throws ExaminedRunError if it is no examined run
 */
export function parseExaminedRun(json: string): ExaminedRun {
  let data: unknown
  try {
    data = JSON.parse(json)
  } catch (cause) {
    throw new ExaminedRunError('the result of the run is not JSON', { cause })
  }
  const parsed = examined.safeParse(data)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.map(String).join('.') ?? ''
  throw new ExaminedRunError(`the result of the run is damaged at "${where}": ${issue?.message ?? ''}`)
}
