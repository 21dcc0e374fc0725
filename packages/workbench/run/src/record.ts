// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import { eventSchema } from './event.ts'
import { chainSchema } from './frame.ts'
import type { Immutable } from './immutable.ts'
import { kernelFactsSchema } from './kernel-facts.ts'
import { count, text, texts } from './primitives.ts'
import { outcomeSchema, stepResultSchema } from './result.ts'
import { stepSchema } from './scenario.ts'
import { snapshotSchema } from './snapshot.ts'

const firmwareChange = z.strictObject({
  /** Path of the node. */
  node: text,
  property: text,
})

/** Schema of what a step did, without the state that it left behind. */
export const playedStepSchema = z.strictObject({
  /** From 0, the boot. */
  index: count,
  /** What was done; null for the boot. */
  step: stepSchema.nullable(),
  result: stepResultSchema,
  /**
   * Of a step in which an allocation was to fail: the call chain of the one that did, or null if there was no such allocation.
   * Null for all other steps.
   */
  failure: z.strictObject({ chain: chainSchema.nullable() }).nullable(),
})

const stepRecord = playedStepSchema.extend({
  /** What firmware changed by itself in this step; what a migration brings is not meant. */
  changes: z.array(firmwareChange),
  after: snapshotSchema,
})

const memorySchema = z.strictObject({
  /**
   * Memory in use to which no pointer leads any more, but for what only other such memory leads to; with the step in which it was
   * allocated, and the functions that did.
   */
  unreachable: z.array(z.strictObject({ object: text, struct: text, step: count, chain: chainSchema })),
  /**
   * For each node how many pointers to it there are in memory in use. Those of other nodes, of which the tree is made, do not count,
   * and neither do those to a part of it, such as sysfs has.
   */
  pointers: z.record(text, count),
})

const recordSchema = z.strictObject({
  /** Id of the scenario. */
  scenario: text,
  /** What oracles have to know of the kernel that ran. */
  facts: kernelFactsSchema,
  outcome: outcomeSchema,
  /** Of the outcome `unmodelled`: the function that the engine does not have, and who called it. */
  unmodelled: z.strictObject({ function: text, chain: chainSchema }).nullable(),
  /** Functions that the engine only pretends to have, and that were called. */
  assumed: texts,
  steps: z.array(stepRecord).nonempty(),
  events: z.array(eventSchema),
  /** The lines of the console. */
  console: texts,
  /** Memory at the end; not there where the engine cannot say, and while a task waits, whose stack may hold pointers. */
  memory: memorySchema.exactOptional(),
})

/** What memory in use points to at the end of a run. */
export type MemoryState = Immutable<z.output<typeof memorySchema>>

/** A property that firmware gave another value. */
export type FirmwareChange = Immutable<z.output<typeof firmwareChange>>

/** What one step did. */
export type PlayedStep = Immutable<z.output<typeof playedStepSchema>>

/** What one step did, and the state that it left behind. */
export type StepRecord = Immutable<z.output<typeof stepRecord>>

/** Everything that oracles and reports need to know of one run. */
export type RunRecord = Immutable<z.output<typeof recordSchema>>

/** What came out of a sandbox is no record of a run; the message says where. */
export class RunRecordError extends Error {
  override readonly name = 'RunRecordError'
}

/**
 * Reads the record of a run. It comes out of the sandbox, where patched code runs, so nothing about it is taken for granted.
 *
 * @throws RunRecordError when it is no record of a run
 */
export function parseRunRecord(json: string): RunRecord {
  let data: unknown
  try {
    data = JSON.parse(json)
  } catch (cause) {
    throw new RunRecordError('the record of the run is not JSON', { cause })
  }
  const parsed = recordSchema.safeParse(data)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.map(String).join('.') ?? ''
  throw new RunRecordError(`the record of the run is damaged at "${where}": ${issue?.message ?? ''}`)
}
