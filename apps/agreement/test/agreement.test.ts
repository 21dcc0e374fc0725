// SPDX-License-Identifier: GPL-2.0-only
import { differenceLines, FIXTURES, readRecordings, type Recording } from '@pfo-workbench/conformance'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Replayer } from '../src/replay.ts'

const recordings = readRecordings(FIXTURES)

/** The unpatched kernel is tested in the conformance package. */
const variants = new Set(recordings.map(({ variant }) => variant).filter((id) => id !== 'base'))

let replayer: Replayer
beforeAll(async () => {
  replayer = await Replayer.create()
})
afterAll(async () => {
  await replayer.dispose()
})

function recordingsOf(variant: string): Recording[] {
  return recordings.filter((recording) => recording.variant === variant)
}

describe('the patched models do what the kernel with the same patch did', () => {
  for (const variant of variants) {
    it(`with ${variant}`, async () => {
      const { comparisons, notReplayed } = await replayer.replay(variant, recordingsOf(variant))
      expect(notReplayed).toEqual([])
      expect(comparisons.flatMap(differenceLines)).toEqual([])
      expect(comparisons.map(({ scenario }) => scenario)).toEqual(
        recordingsOf(variant).map(({ scenario }) => scenario),
      )
    }, 120_000)
  }
})

describe('a variant that cannot be replayed', () => {
  it('is refused when there is no patch of that name', async () => {
    await expect(replayer.replay('no-such-patch', [])).rejects.toThrow(
      /^recordings of variant no-such-patch cannot be replayed: "no-such-patch" is no patch of /,
    )
  })

  it('does not agree when it is replayed without its patch', async () => {
    const { comparisons } = await replayer.replay('base', recordingsOf('wipe').slice(0, 3))
    expect(comparisons.flatMap(differenceLines)).not.toEqual([])
  })
})
