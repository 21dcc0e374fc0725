// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import type { Immutable } from './immutable.ts'
import { integer, text } from './primitives.ts'

/** Schema of `Outcome`. */
export const outcomeSchema = z.enum(['completed', 'oops', 'deadlock', 'unmodelled'])

/**
 * Outcome of a run: all steps were played, an Oops killed a task, a task waits forever, or the run reached a function
 * that the engine does not have. The first failure determines the outcome.
 */
export type Outcome = z.output<typeof outcomeSchema>

/** 0 or the negative errno that the call returned; null if the task did not return. */
const errno = integer.nonpositive().nullable()

const modules = z.array(z.strictObject({ module: text, errno }))

/** Schema of `StepResult`. */
export const stepResultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('boot'), outcome: outcomeSchema }),
  z.strictObject({ kind: z.literal('load'), modules }),
  z.strictObject({ kind: z.literal('unload'), modules }),
  z.strictObject({ kind: z.literal('migrate'), errno }),
  z.strictObject({ kind: z.literal('update'), errno }),
  z.strictObject({
    kind: z.literal('lookup'),
    lookups: z.array(
      z.strictObject({
        target: z.union([text, integer]),
        /** Null if the lookup did not return. */
        found: z.boolean().nullable(),
      }),
    ),
  }),
  z.strictObject({ kind: z.literal('ofdt'), writes: z.array(z.strictObject({ command: text, errno })) }),
  /** Prepares the next step and does nothing itself. */
  z.strictObject({ kind: z.literal('fail') }),
  /** Prepares firmware and does nothing itself. */
  z.strictObject({ kind: z.literal('firmware') }),
  z.strictObject({
    kind: z.literal('read'),
    files: z.array(
      z.strictObject({
        path: text,
        /** Content of the file; null unless `errno` is 0. */
        content: text.nullable(),
        errno,
      }),
    ),
  }),
  z.strictObject({ kind: z.literal('write'), errno }),
])

/** Results of the calls of a step, in order. */
export type StepResult = Immutable<z.output<typeof stepResultSchema>>
