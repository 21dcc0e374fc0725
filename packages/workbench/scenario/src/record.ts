// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import type { RunRecord } from './run.ts'

/** What came out of the engine is no record of a run; the message says where. */
export class RunRecordError extends Error {
  override readonly name = 'RunRecordError'
}

const text = z.string()
const texts = z.array(text)
const count = z.number().int().nonnegative()

const event = z.looseObject({ type: text, seq: count, step: count, task: text, chain: texts })

const node = z.object({
  object: text,
  path: text,
  generation: count,
  life: z.enum(['allocated', 'released', 'freed']),
  refcount: z.number(),
  flags: texts,
  phandle: z.number(),
  inTree: z.boolean(),
  sysfs: text.nullable(),
})

const snapshot = z.object({
  nodes: z.array(node),
  phandleCache: z.array(z.object({ slot: count, node: text, freed: z.boolean() })),
  vio: z.array(
    z.object({
      object: text,
      device: text,
      driver: text.nullable(),
      node: text.nullable(),
      files: z.object({ name: text, devspec: text, modalias: text, of_node: text.nullable() }),
      enabled: z.boolean(),
      outdated: texts,
      settings: text.nullable(),
    }),
  ),
  firmware: texts,
})

const step = z.object({
  index: count,
  title: text,
  result: text,
  changes: z.array(z.object({ node: text, property: text })),
  after: snapshot,
})

const record: z.ZodType<RunRecord> = z.object({
  scenario: text,
  outcome: z.enum(['completed', 'oops', 'deadlock']),
  steps: z.array(step).nonempty(),
  events: z.array(event),
  console: texts,
})

/**
 * Reads what `play` returned. It comes from the other side of the wall, where patched code runs, so nothing about it is
 * taken for granted.
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
  const parsed = record.safeParse(data)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.map(String).join('.') ?? ''
  throw new RunRecordError(`the record of the run is damaged at "${where}": ${issue?.message ?? ''}`)
}
