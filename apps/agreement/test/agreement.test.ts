// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { differenceLines, fixturesFolder, formatMarkdown, readRecordings } from '@pfo-workbench/conformance'
import { unpatchedStack } from '@pfo-workbench/compare'
import { ModelEngine } from '@pfo-workbench/engine-models'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { byVariant, Replayer, type VariantAgreement } from '../src/replay.ts'

const { variants } = byVariant(readRecordings(fixturesFolder).recordings)
const root = join(import.meta.dirname, '../../..')

let replayer: Replayer
let agreements: VariantAgreement[]
beforeAll(async () => {
  replayer = await Replayer.create()
  agreements = await replayer.replayAll(variants)
}, 300_000)
afterAll(async () => {
  await replayer.dispose()
})

describe('the patched models behave like the kernel with the same patch', () => {
  for (const { stack, recordings } of variants) {
    it(`with ${stack.id}`, () => {
      const agreement = agreements.find(({ variant }) => variant === stack.id)
      expect(agreement?.notReplayed).toEqual([])
      expect(agreement?.comparisons.flatMap(differenceLines)).toEqual([])
      expect(agreement?.comparisons.map(({ scenario }) => scenario)).toEqual(
        recordings.map(({ scenario }) => scenario),
      )
    })
  }

  it('and differ if the patch is left out', async () => {
    const wipe = variants.find(({ stack }) => stack.id === 'wipe')
    const recordings = wipe?.recordings.slice(0, 3) ?? []
    const { comparisons } = await replayer.replay({ stack: unpatchedStack(new ModelEngine()), recordings })
    expect(comparisons.flatMap(differenceLines)).not.toEqual([])
  })
})

describe('the table of agreement matches the replays', () => {
  for (const file of ['README.md', 'packages/models/conformance/README.md']) {
    it(`in ${file}`, () => {
      const [, written] =
        /<!-- agreement -->\n\n(.*)\n<!-- \/agreement -->/s.exec(readFileSync(join(root, file), 'utf8')) ?? []
      // To update the table, paste the output of `npm run --silent agreement -- --markdown`.
      expect(written).toBe(formatMarkdown(agreements.flatMap(({ comparisons }) => comparisons)))
    })
  }
})
