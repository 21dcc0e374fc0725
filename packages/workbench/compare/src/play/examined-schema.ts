// SPDX-License-Identifier: GPL-2.0-only
// Separate from the parser: programs in the sandbox import the types and do not need zod.
import { findingSchema } from '@pfo-workbench/oracle'
import { outcomeSchema, playedStepSchema, unmodelledSchema, type Immutable } from '@pfo-workbench/run'
import { z } from 'zod'
import { changeKinds } from '../changes/change.ts'
import { storySchema } from '../story-schema.ts'

const text = z.string()
const count = z.number().int().nonnegative()

/** A get or put in a run. */
const position = z.strictObject({ seq: count, step: count })

const holder = z.strictObject({
  by: text,
  /** Number of gets, including those that the counter refused. */
  taken: count,
  /** Number of puts, including those that the counter refused. */
  dropped: count,
  /** Number of references that it took but never dropped: still held at the end, or stolen by another function. */
  lost: count,
  /** Its gets without a put, in order. The reference is still held at the end, or another function stole it. */
  kept: z.array(position),
  /** Its puts without a get, in order: they dropped a reference that the function did not own, or none. */
  surplusPuts: z.array(position),
  /**
   * All functions in the call chains that dropped its references: its own puts, and those of other functions for it.
   */
  droppedIn: z.array(text),
})

const objectLife = z.strictObject({
  /** Name of the node or device, as in the subjects of findings. */
  object: text,
  /** All functions in call chains of events about the object, sorted. */
  functions: z.array(text),
  holders: z.array(holder),
  /** References that one function took and another one dropped, although no convention of the engine names the two. */
  handOvers: z.array(
    z.strictObject({
      taker: text,
      dropper: text,
      /** False if several takers were possible, so that `taker` is a guess. */
      certain: z.boolean(),
      get: position,
      put: position,
    }),
  ),
  /** Accesses to its memory after it was freed, by step and call chain, innermost function first. */
  touches: z.array(z.strictObject({ chain: z.array(text), step: count, count })),
})

const observation = z.strictObject({
  kind: z.enum(changeKinds),
  subject: text,
  step: count,
  /** Empty for a state that no longer exists. */
  value: text,
  /** For a line of a fault report: the title of the report, which gives the line its meaning. */
  report: text.exactOptional(),
})

const observed = z.strictObject({
  /** Values that hold from a step on, until the next value of the same subject. */
  states: z.array(observation),
  /** Events of a step. Repetitions within a step are listed once. */
  happenings: z.array(observation),
})

const writers = z.strictObject({
  /** As `stateOf` returns it. */
  state: text,
  /** All functions in the call chains that wrote the state, sorted. */
  functions: z.array(text),
})

/** Schema of `ExaminedRun`. */
export const examinedRunSchema = z.strictObject({
  outcome: outcomeSchema,
  unmodelled: unmodelledSchema.nullable(),
  assumed: z.array(text),
  /** The step in which a task died or hung, or the engine could not continue. Nothing is known about later steps. */
  brokenOffIn: count.nullable(),
  steps: z.array(playedStepSchema).nonempty(),
  findings: z.array(findingSchema),
  console: z.array(text),
  story: storySchema,
  /** Nodes and devices. */
  lives: z.array(objectLife),
  /** The functions that wrote state whose findings have no call chain. Absent if there is none. */
  writers: z.array(writers).exactOptional(),
  /** Everything that a user can see. */
  observed,
})

/** The place of a get or put in a run. */
export type Position = Immutable<z.output<typeof position>>

/** The gets and puts of one function on an object. */
export type Holder = Immutable<z.output<typeof holder>>

/** The functions that handled a node or device during a run. A verdict uses this besides the findings. */
export type ObjectLife = Immutable<z.output<typeof objectLife>>

/** The functions that wrote a state. */
export type Writers = Immutable<z.output<typeof writers>>

/** Something that a user can see in a step. */
export type Observation = Immutable<z.output<typeof observation>>

/** Everything that a user can see of a run. */
export type Observed = Immutable<z.output<typeof observed>>

/** The parts of a run that a comparison needs. Plain data, so that it can be cached. */
export type ExaminedRun = Immutable<z.output<typeof examinedRunSchema>>

/** The parts of a run that the search for interactions reads. */
export type RunResult = Pick<ExaminedRun, 'outcome' | 'findings' | 'brokenOffIn'>
