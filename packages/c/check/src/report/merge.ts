// SPDX-License-Identifier: GPL-2.0-only
import * as z from 'zod'
import { CheckError } from '../error.ts'
import { checkDocument, type CheckDocument } from './document.ts'

/** A document, and its name in messages. */
export interface NamedDocument {
  readonly name: string
  readonly document: CheckDocument
}

/** True if data looks like the result of a check, of any version. A comparison has variants instead of patches. */
export function isCheckDocument(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'patches' in data && !('variants' in data)
}

/**
 * Parses the output of `pfo check --format json`.
 *
 * @param data - the parsed JSON.
 * @param name - the name of the file in messages.
 * @throws CheckError `bad-document` that names the bad entry and the accepted values.
 */
export function parseCheckDocument(data: unknown, name: string): CheckDocument {
  const result = checkDocument.safeParse(data)
  if (result.success) return result.data
  throw new CheckError(
    'bad-document',
    `${name}: this is not a result of pfo check --format json:\n${z.prettifyError(result.error)}`,
  )
}

/**
 * Merges the results of the shards of one check, given in any order. Patches appear in the order in which a single
 * command would have checked them. The patches of documents that are not shards follow, in the given order.
 *
 * @throws CheckError `bad-document` if there is no document, if the documents are of different kernels or compilers, if
 * they are shards of different numbers of shards, or if a shard is duplicated or missing.
 */
export function mergeCheckDocuments(documents: readonly NamedDocument[]): CheckDocument {
  const [first, ...others] = documents
  if (first === undefined) throw new CheckError('bad-document', 'there is no document to merge')
  for (const other of others) {
    for (const key of ['kernel', 'compiler'] as const) {
      if (other.document[key] === first.document[key]) continue
      throw new CheckError(
        'bad-document',
        `${other.name}: its ${key} is ${other.document[key]}, that of ${first.name} is ${first.document[key]}; only results of one kernel and one compiler are merged`,
      )
    }
  }
  const { kernel, compiler } = first.document
  return { schemaVersion: 1, kernel, compiler, patches: inOrder(documents) }
}

function inOrder(documents: readonly NamedDocument[]): CheckDocument['patches'] {
  const shards = new Map<number, NamedDocument>()
  const whole: CheckDocument['patches'] = []
  let of: { readonly count: number; readonly name: string } | null = null
  for (const named of documents) {
    const { shard, patches } = named.document
    if (shard === undefined) {
      whole.push(...patches)
      continue
    }
    of ??= { count: shard.of, name: named.name }
    if (shard.of !== of.count) {
      throw new CheckError(
        'bad-document',
        `${named.name}: it is a shard of ${shard.of}, ${of.name} is one of ${of.count}`,
      )
    }
    const same = shards.get(shard.index)
    if (same !== undefined) {
      throw new CheckError(
        'bad-document',
        `${named.name}: it is shard ${shard.index} of ${shard.of}, as ${same.name} is`,
      )
    }
    shards.set(shard.index, named)
  }
  if (of === null) return whole
  const missing = Array.from({ length: of.count }, (_, i) => i + 1).filter((index) => !shards.has(index))
  if (missing.length > 0) {
    throw new CheckError(
      'bad-document',
      `shard ${missing.join(', ')} of ${of.count} is missing; check it with --shard ${String(missing[0])}/${of.count}`,
    )
  }
  // Shard i has the i-th of every `count` patches.
  const sharded: CheckDocument['patches'] = []
  const count = of.count
  for (let row = 0; ; row++) {
    const before = sharded.length
    for (let index = 1; index <= count; index++) {
      const patch = shards.get(index)?.document.patches[row]
      if (patch !== undefined) sharded.push(patch)
    }
    if (sharded.length === before) return [...sharded, ...whole]
  }
}
