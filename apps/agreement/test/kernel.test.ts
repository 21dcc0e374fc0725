// SPDX-License-Identifier: GPL-2.0-only
import { differenceLines, fixturesOf, readRecordings, type Recording } from '@pfo-workbench/conformance'
import { describe, expect, it } from 'vitest'
import { agreementCommand } from '../src/command.ts'
import { replayOnKernel } from '../src/kernel/kernel-replayer.ts'
import { findRealKernel } from './support/real-kernel.ts'

/** One recording for each kind of change, from all kernels with recordings. */
const chosen: Readonly<Record<string, readonly string[]>> = {
  base: ['S4-single+dynamic', 'S7-ofdt', 'S9-single'],
  wipe: ['S9-per-node'],
  'vio-notifier': ['S2-single'],
  'vio-notifier-wq+name40+driver-puts+cache-fix': ['S7-per-node'],
  stock: ['S8-single'],
  unfixed: ['S2-single+dynall', 'S7-single', 'S9-none'],
  'unfixed+vio-notifier': ['S3-per-node'],
  'unfixed+vio-notifier-wq': ['S2-single'],
}

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ['', '']
  const code = await agreementCommand(args, {
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
  })
  return { code, stdout, stderr }
}

describe('agreement with a kernel in C', () => {
  it('requires --kernel with --patches', async () => {
    const { code, stderr } = await run('--patches', '.')
    expect(code).toBe(2)
    expect(stderr).toContain('--kernel')
  })

  it('refuses a folder that is not a kernel tree', async () => {
    const { code, stdout, stderr } = await run('--kernel', '/nowhere')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('/nowhere')
  })
})

const real = await findRealKernel('Recordings on a kernel in C are')
if (real !== null) {
  const { tree } = real
  const fixtures = fixturesOf(tree.version)
  const kernel = { ...real, patches: null, onProgress: () => undefined }

  describe.skipIf(fixtures === null)(`recordings of ${tree.title}`, () => {
    const all = fixtures === null ? [] : readRecordings(fixtures).recordings
    const recordings = all.filter(({ variant, scenario }) => chosen[variant]?.includes(scenario))

    it.each([...new Set(recordings.map(({ variant }) => variant))])(
      'agree with its C in every fact: %s',
      async (variant) => {
        const own = recordings.filter((one) => one.variant === variant)
        const [agreement] = await replayOnKernel(own, kernel)
        expect(agreement?.notReplayed).toEqual([])
        expect(agreement?.comparisons.flatMap(differenceLines).join('\n')).toBe('')
        expect(agreement?.comparisons.map(({ compared }) => compared > 100)).toEqual(own.map(() => true))
      },
      600_000,
    )

    it('disagree with a kernel that behaves differently', async () => {
      const patched = recordings.find(({ variant }) => variant !== 'base' && variant !== 'stock')
      const other = { ...patched, variant: all[0]?.variant } as Recording
      const [agreement] = await replayOnKernel([other], kernel)
      expect(agreement?.comparisons[0]?.differences.length).toBeGreaterThan(5)
    }, 600_000)

    it('are not replayed if their patch is missing', async () => {
      const other = { ...recordings[0], variant: 'nobodys' } as Recording
      const [agreement] = await replayOnKernel([other], kernel)
      expect(agreement?.notReplayed[0]?.reason).toContain('--patches')
    })
  })
}
