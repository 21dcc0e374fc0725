// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import { eventSchema } from './event.ts'
import { chainSchema } from './frame.ts'
import type { Immutable } from './immutable.ts'
import { kernelFactsSchema } from './kernel-facts.ts'
import { parseUntrusted } from './parse-json.ts'
import { count, text, texts } from './primitives.ts'
import { outcomeSchema, stepResultSchema } from './result.ts'
import { stepSchema } from './scenario.ts'
import { snapshotSchema } from './snapshot.ts'

const firmwareChange = z.strictObject({
  /** Path of the node. */
  node: text,
  property: text,
})

/** Schema of the actions and result of a step, without the state after it. */
export const playedStepSchema = z.strictObject({
  /** Index of the step; 0 is the boot. */
  index: count,
  /** The step as the scenario has it; null for the boot. */
  step: stepSchema.nullable(),
  result: stepResultSchema,
  /**
   * For a step with an injected allocation failure: call chain of the failed allocation, or null if that allocation did
   * not happen. Null for all other steps.
   */
  failure: z.strictObject({ chain: chainSchema.nullable() }).nullable(),
})

const stepRecord = playedStepSchema.extend({
  /** Changes that firmware made on its own in this step, without the changes of a migration. */
  changes: z.array(firmwareChange),
  after: snapshotSchema,
})

/** Schema of the function that ended the run because the engine does not have it, and of its callers. */
export const unmodelledSchema = z.strictObject({ function: text, chain: chainSchema })

const memorySchema = z.strictObject({
  /**
   * Allocated memory that no pointer reaches. Memory that is reachable from other memory of this kind is left out. Each
   * entry has the step and the call chain of the allocation.
   */
  unreachable: z.array(z.strictObject({ object: text, struct: text, step: count, chain: chainSchema })),
  /**
   * For each node, the number of pointers to it in allocated memory. Pointers in other nodes do not count, because they
   * form the tree. Pointers into the middle of a node, such as those in sysfs, do not count either.
   */
  pointers: z.record(text, count),
})

const recordSchema = z.strictObject({
  /** Id of the scenario. */
  scenario: text,
  /** Facts about the kernel that oracles need. */
  facts: kernelFactsSchema,
  outcome: outcomeSchema,
  /**
   * For the outcome `unmodelled`: the function that the engine does not have, and its callers. Null if the machine ran
   * out of memory.
   */
  unmodelled: unmodelledSchema.nullable(),
  /** Assumed functions that were called: the engine returns a fixed value for each. */
  assumed: texts,
  steps: z.array(stepRecord).nonempty(),
  events: z.array(eventSchema),
  /** Lines of the console. */
  console: texts,
  /**
   * Memory at the end of the run. Absent if the engine does not support it. Also absent while a task waits, because its
   * stack may hold pointers.
   */
  memory: memorySchema.exactOptional(),
})

/** Pointers in allocated memory at the end of a run. */
export type MemoryState = Immutable<z.output<typeof memorySchema>>

/** A property that firmware changed. */
export type FirmwareChange = Immutable<z.output<typeof firmwareChange>>

/** The actions and result of one step. */
export type PlayedStep = Immutable<z.output<typeof playedStepSchema>>

/** The actions and result of one step, and the state after it. */
export type StepRecord = Immutable<z.output<typeof stepRecord>>

/** Everything that oracles and reports need to know about one run. */
export type RunRecord = Immutable<z.output<typeof recordSchema>>

/** Thrown for data that is not a valid run record. The message names the field. */
export class RunRecordError extends Error {
  override readonly name = 'RunRecordError'
}

/**
 * Parses and checks a run record. The record comes from the sandbox, where untrusted code runs, so every field is
 * checked.
 *
 * @throws RunRecordError if the data is not a valid run record
 */
export function parseRunRecord(json: string): RunRecord {
  return parseUntrusted(json, recordSchema, 'the record of the run', RunRecordError)
}
