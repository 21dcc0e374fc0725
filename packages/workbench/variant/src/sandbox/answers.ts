// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'

/** Maximum number of coverage points, the same as in the child. Patches have fewer lines. */
const coverageLimit = 1 << 16

const answerSchema = z
  .strictObject({
    id: z.string(),
    status: z.enum(['ready', 'ok', 'crashed', 'timeout']),
    /** The coverage points that were hit, in ascending order; null if unknown. */
    hits: z
      .array(
        z
          .int()
          .min(0)
          .max(coverageLimit - 1),
      )
      .max(coverageLimit)
      .readonly()
      .nullable(),
    /** The result of a job that is `ok`, or the error of a crashed one. */
    text: z.string(),
  })
  .readonly()

/** A line of JSON that the child writes for each line that it reads. The answer to the header is `ready`. */
export type Answer = z.output<typeof answerSchema>

/** An answer, or the rule that the output breaks. */
export type AnswerOrFault = Answer | { readonly status: 'fault'; readonly reason: string }

/**
 * Reads the output of a child. Patched code should not be able to write to this output, but may have found a way. So
 * the reader limits and validates everything, and rejects unrequested output.
 */
export class AnswerReader {
  readonly #limit: number
  #chunks: Buffer[] = []
  #bytes = 0
  #expected: string | null = null
  #faulty = false

  /** @param limit - maximum length of a line, in bytes */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Sets the id of the next answer. */
  expect(id: string): void {
    this.#expected = id
  }

  /**
   * Adds output of the child.
   *
   * @returns the answer or the fault; null if the answer is not complete yet. After a fault, further output is ignored
   */
  read(chunk: Buffer): AnswerOrFault | null {
    if (this.#faulty) return null
    const reading = this.#read(chunk)
    this.#faulty = reading?.status === 'fault'
    if (this.#faulty) this.#chunks = []
    return reading
  }

  #read(chunk: Buffer): AnswerOrFault | null {
    if (this.#expected === null) return fault('it sent an answer without a request')
    const end = chunk.indexOf('\n')
    this.#bytes += end < 0 ? chunk.length : end
    if (this.#bytes > this.#limit)
      return fault(`its answer is longer than the ${String(this.#limit)} bytes that are accepted`)
    this.#chunks.push(chunk)
    if (end < 0) return null
    if (end + 1 < chunk.length) return fault('it sent more than one answer')
    const line = Buffer.concat(this.#chunks).toString()
    const expected = this.#expected
    this.#chunks = []
    this.#bytes = 0
    this.#expected = null
    const answer = answerSchema.safeParse(jsonOf(line))
    if (!answer.success) return fault('its output is not a valid answer')
    return answer.data.id === expected ? answer.data : fault('it answered another request')
  }
}

const fault = (reason: string): AnswerOrFault => ({ status: 'fault', reason })

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
