// SPDX-License-Identifier: GPL-2.0-only
import { expect } from 'vitest'
import { type MigrationPlan, Partition } from '../src/index.ts'

export const PARENT = '/ibm,platform-facilities'
export const RANDOM = `${PARENT}/ibm,random-v1`
export const COMPRESSION = `${PARENT}/ibm,compression-v1`
export const SYM_ENCRYPTION = `${PARENT}/ibm,sym-encryption-v1`

/** A new work area that starts with these words. */
export function workArea(...words: readonly number[]): Uint8Array {
  const area = new Uint8Array(4096)
  words.forEach((word, i) => {
    new DataView(area.buffer).setUint32(i * 4, word)
  })
  return area
}

/** The words of an area from an offset on. */
export function wordsOf(area: Uint8Array, from: number, count: number): number[] {
  const view = new DataView(area.buffer, area.byteOffset)
  return Array.from({ length: count }, (_, i) => view.getUint32(from + i * 4))
}

/** Bytes of a text; a terminator must be written as `\0`. */
export function bytes(text: string): number[] {
  return Array.from(text, (char) => char.charCodeAt(0))
}

/** The string at an offset in an area. */
export function stringAt(area: Uint8Array, at: number): string {
  return String.fromCharCode(...area.subarray(at, area.indexOf(0, at)))
}

/** A group of ibm,update-nodes: the header, then its words. */
export interface Group {
  readonly header: number
  readonly words: readonly number[]
}

/** Calls ibm,update-nodes until the last answer, like the kernel. */
export function askNodes(partition: Partition, scope = 1): { groups: Group[]; statuses: number[] } {
  const area = workArea()
  const groups: Group[] = []
  const statuses: number[] = []
  for (;;) {
    const [status = -1] = partition.rtas(partition.token('ibm,update-nodes'), [area, scope])
    statuses.push(status)
    if (status !== 0 && status !== 1) return { groups, statuses }
    for (let at = 16; ;) {
      const [header = 0] = wordsOf(area, at, 1)
      if (header >>> 24 === 0) break
      const count = (header & 0xffffff) * (header >>> 24 === 3 ? 2 : 1)
      groups.push({ header, words: wordsOf(area, at + 4, count) })
      at += 4 + count * 4
    }
    if (status === 0) return { groups, statuses }
  }
}

/** One answer of ibm,configure-connector. */
export interface Piece {
  readonly status: number
  readonly name?: string
  readonly value?: Uint8Array
}

/** Calls ibm,configure-connector until it ends, like the kernel. */
export function askConnector(partition: Partition, drcIndex: number): Piece[] {
  const area = workArea(drcIndex)
  const pieces: Piece[] = []
  for (;;) {
    const [status = -1] = partition.rtas(partition.token('ibm,configure-connector'), [area, 0])
    const [nameAt = 0, length = 0, valueAt = 0] = wordsOf(area, 8, 3)
    if (status === 1 || status === 2) pieces.push({ status, name: stringAt(area, nameAt) })
    else if (status === 3) {
      pieces.push({ status, name: stringAt(area, nameAt), value: area.slice(valueAt, valueAt + length) })
    } else pieces.push({ status })
    if (![1, 2, 3, 4, -2].includes(status)) return pieces
  }
}

/** One answer of ibm,update-properties. */
export interface Answer {
  readonly status: number
  readonly state: number
  readonly descriptors: { name: string; length: number; value: number[] }[]
}

/** Calls ibm,update-properties until the last answer, like the kernel. */
export function askProperties(partition: Partition, handle: number, scope = 1): Answer[] {
  const area = workArea(handle)
  const answers: Answer[] = []
  for (;;) {
    const [status = -1] = partition.rtas(partition.token('ibm,update-properties'), [area, scope])
    if (status < 0) return [...answers, { status, state: 0, descriptors: [] }]
    const [state = 0] = wordsOf(area, 4, 1)
    const [count = 0] = wordsOf(area, 16, 1)
    const descriptors: Answer['descriptors'] = []
    let at = 20
    for (let i = 0; i < count; i++) {
      const name = stringAt(area, at)
      at += name.length + 1
      const length = new DataView(area.buffer).getInt32(at)
      const size = length === -0x80000000 ? 0 : Math.abs(length)
      descriptors.push({ name, length, value: [...area.subarray(at + 4, at + 4 + size)] })
      at += 4 + size
    }
    answers.push({ status, state, descriptors })
    if (status !== 1) return answers
  }
}

/** A partition that was suspended with this plan. */
export function migrated(plan?: MigrationPlan): Partition {
  const partition = new Partition()
  if (plan !== undefined) partition.prepareMigration(plan)
  expect(partition.rtas(partition.token('ibm,suspend-me'), [])).toEqual([0])
  return partition
}
