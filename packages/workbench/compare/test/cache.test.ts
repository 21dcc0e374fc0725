// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Oracle } from '@pfo-workbench/oracle'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { describe, expect, it, vi } from 'vitest'
import { ResultCache } from '../src/play/cache.ts'
import { limitResults } from '../src/play/limit-results.ts'
import {
  cacheFolder,
  compare,
  inspectCache,
  originOfResults,
  pruneCache,
  stackOfId,
  type Comparison,
  type Stack,
} from '../src/index.ts'
import { diffAfter, engine, folderWith, root, stackOf } from './support.ts'

const origin = { tool: 'this one', engine: 'this one' }

/** A cache in its own folder, and its warnings. */
function cacheIn(folder: string, from = origin): { cache: ResultCache; complaints: string[] } {
  const complaints: string[] = []
  return { cache: new ResultCache(folder, from, (message) => complaints.push(message)), complaints }
}

/** The files with results below a folder. */
function contentsOf(folder: string): string[] {
  return readdirSync(join(folder, 'content-v2'), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, 'content-v2', name))
    .filter((path) => statSync(path).isFile())
}

describe('a cache of results', () => {
  it('returns the stored value for its kind and key, and nothing else', async () => {
    const { cache } = cacheIn(folderWith({}))
    await cache.put('run', 'a', { findings: ['x'] })
    expect(await cache.get('run', 'a')).toEqual({ findings: ['x'] })
    expect(await cache.get('run', 'b')).toBeNull()
    expect(await cache.get('build', 'a')).toBeNull()
  })

  it('does not return results of another workbench or engine', async () => {
    const folder = folderWith({})
    await cacheIn(folder).cache.put('run', 'a', 1)
    expect(await cacheIn(folder, { ...origin, tool: 'another' }).cache.get('run', 'a')).toBeNull()
    expect(await cacheIn(folder, { ...origin, engine: 'another' }).cache.get('run', 'a')).toBeNull()
  })

  it.each(['', 'garbage', '{"findings":[]}'])(
    'does not trust a damaged result (%j), and takes a new one for it',
    async (damage) => {
      const folder = folderWith({})
      const { cache, complaints } = cacheIn(folder)
      await cache.put('run', 'a', { findings: ['x'] })
      for (const path of contentsOf(folder)) writeFileSync(path, damage)
      expect(await cache.get('run', 'a')).toBeNull()
      await cache.put('run', 'a', { findings: ['x'] })
      expect(await cache.get('run', 'a')).toEqual({ findings: ['x'] })
      expect(complaints).toEqual([])
    },
  )

  it('warns once that results cannot be kept, and is empty then', async () => {
    const { cache, complaints } = cacheIn('/dev/null/cache')
    await cache.put('run', 'a', 1)
    await cache.put('run', 'b', 2)
    expect(await cache.get('run', 'a')).toBeNull()
    expect(complaints).toEqual([
      expect.stringMatching(/^results cannot be cached in \/dev\/null\/cache: ENOTDIR/),
    ])
  })

  it('removes old leftovers of killed writers, but no writes in progress', async () => {
    const folder = folderWith({})
    mkdirSync(join(folder, 'tmp'))
    for (const name of ['old', 'new']) writeFileSync(join(folder, 'tmp', name), 'half a res')
    const yesterday = new Date(Date.now() - 86_400_000)
    utimesSync(join(folder, 'tmp/old'), yesterday, yesterday)
    await cacheIn(folder).cache.reclaim()
    expect(readdirSync(join(folder, 'tmp'))).toEqual(['new'])
  })

  it('removes results of another workbench or engine when pruned, or all on demand', async () => {
    const folder = folderWith({})
    const { cache } = cacheIn(folder)
    await cache.put('run', 'a', 'mine')
    await cacheIn(folder, { ...origin, tool: 'old' }).cache.put('run', 'a', 'older')
    await cacheIn(folder, { ...origin, engine: 'edited' }).cache.put('run', 'b', 'edited')
    const { before, after } = await pruneCache(folder, origin)
    expect([before.entries, after.entries]).toEqual([3, 1])
    expect(contentsOf(folder)).toHaveLength(1)
    expect(await cache.get('run', 'a')).toBe('mine')
    expect((await pruneCache(folder, null)).after).toEqual({ entries: 0, bytes: 0 })
  })

  it('loses its oldest results when it exceeds the limit, and is checked once a day', async () => {
    const folder = folderWith({})
    const { cache } = cacheIn(folder)
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      await cache.put('run', key, key.repeat(998))
      // Results are ordered by the millisecond in which they were written.
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    expect((await inspectCache(folder)).bytes).toBe(5000)
    expect(await limitResults(folder, 5000)).toBe(0)
    expect(await limitResults(folder, 4000)).toBe(0)
    rmSync(join(folder, 'limit-checked'))
    expect(await limitResults(folder, 4000)).toBe(2)
    const left = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => cache.get('run', key)))
    expect(left.map((value) => value !== null)).toEqual([false, false, true, true, true])
    expect(contentsOf(folder)).toHaveLength(3)
  })

  it('keeps an old result that equals a new one when it exceeds the limit', async () => {
    const folder = folderWith({})
    const { cache } = cacheIn(folder)
    for (const [key, value] of Object.entries({ old: 'x', other: 'y', new: 'x' })) {
      await cache.put('run', key, value.repeat(998))
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    expect(await limitResults(folder, 1500)).toBe(1)
    expect([await cache.get('run', 'old'), await cache.get('run', 'other')]).toEqual(['x'.repeat(998), null])
  })

  it('that does not exist is empty', async () => {
    const folder = join(folderWith({}), 'none')
    expect(await inspectCache(folder)).toEqual({ entries: 0, bytes: 0 })
    expect((await pruneCache(folder, origin)).after.entries).toBe(0)
    expect(await limitResults(folder)).toBe(0)
    expect(existsSync(folder)).toBe(false)
  })

  it('is in the folder that XDG specifies', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/x' })).toBe('/x/pfo-workbench')
    expect(cacheFolder({})).toMatch(/^\/.*\/\.cache\/pfo-workbench$/)
    expect(cacheFolder({ XDG_CACHE_HOME: 'relative' })).toBe(cacheFolder({}))
  })
})

describe('a comparison with a cache', () => {
  const wipe = stackOfId(join(root, 'patches'), 'wipe', engine)
  const [once, twice] = shippedScenarios()
  const scenarios = [once, twice].flatMap((scenario) => scenario ?? [])

  /** Compares, and returns the runs that were needed. */
  async function compared(
    folder: string,
    stacks: readonly Stack[],
    played = scenarios.slice(0, 1),
  ): Promise<{ comparison: Comparison; ran: string[]; complaints: string[] }> {
    const ran: string[] = []
    const complaints: string[] = []
    const comparison = await compare({
      engine,
      stacks,
      scenarios: played,
      cache: { folder, warn: (message) => complaints.push(message) },
      onProgress: ({ variant, doing }) => {
        if (doing?.startsWith('ran') === true) ran.push(`${variant} ${doing}`)
      },
    })
    return { comparison, ran, complaints }
  }

  it('runs only what is new: another patch, another scenario, a damaged result', async () => {
    const folder = folderWith({})
    const alone = await compared(folder, [])
    expect(alone.ran).toEqual(['baseline ran 1/1'])
    const both = await compared(folder, [wipe])
    expect(both.ran).toEqual(['wipe ran 1/1'])
    const again = await compared(folder, [wipe])
    expect(again.ran).toEqual([])
    expect(JSON.stringify(again.comparison)).toBe(JSON.stringify(both.comparison))
    const longer = await compared(folder, [], scenarios)
    expect(longer.ran).toEqual(['baseline ran 1/1'])
    for (const path of contentsOf(folder)) writeFileSync(path, 'damage')
    const mended = await compared(folder, [wipe])
    expect(mended.ran.toSorted()).toEqual(['baseline ran 1/1', 'wipe ran 1/1'])
    expect(JSON.stringify(mended.comparison)).toBe(JSON.stringify(both.comparison))
  }, 180_000)

  it('returns a finished comparison whole, with or without stories', async () => {
    const cache = { folder: folderWith({}), warn: () => undefined }
    const inputs = { engine, stacks: [wipe], scenarios: scenarios.slice(0, 1), cache }
    /** Compares, and returns whether anything had to be built or played. */
    const again = async (stories: boolean): Promise<{ comparison: Comparison; worked: boolean }> => {
      let worked = false
      const onProgress = (): void => {
        worked = true
      }
      return { comparison: await compare({ ...inputs, stories, onProgress }), worked }
    }
    const without = await again(false)
    expect(without.comparison.cells.every(({ story }) => story === null)).toBe(true)
    const first = await again(true)
    expect(first.comparison.cells.every(({ story }) => story !== null)).toBe(true)
    expect([without.worked, first.worked]).toEqual([true, true])
    expect(await again(true)).toEqual({ ...first, worked: false })
    expect(await again(false)).toEqual({ ...without, worked: false })
  }, 180_000)

  it('does not take the comparison of another stack or title for its own', async () => {
    const folder = folderWith({})
    const { comparison } = await compared(folder, [wipe])
    const renamed = await compared(folder, [{ ...wipe, title: 'another title' }])
    expect(renamed.ran).toEqual([])
    expect(renamed.comparison.variants.map(({ title }) => title)).toContain('another title')
    expect(comparison.variants.map(({ title }) => title)).not.toContain('another title')
  }, 180_000)

  it('does not answer for other oracles than the shipped ones', async () => {
    const cache = { folder: folderWith({}), warn: () => undefined }
    const inputs = { engine, stacks: [], scenarios: scenarios.slice(0, 1), cache }
    expect((await compare(inputs)).oracles.length).toBeGreaterThan(1)
    const own: Oracle = { id: 'own', title: 'Own', examine: () => [] }
    expect((await compare({ ...inputs, oracles: [own] })).oracles).toEqual([{ id: 'own', title: 'Own' }])
  }, 180_000)

  it('builds parts of a stack again if they timed out', async () => {
    const cache = { folder: folderWith({}), warn: () => undefined }
    const stack = stackOfId(join(root, 'patches'), 'wipe+rng-put', engine)
    const build = engine.build.bind(engine)
    const slow = vi.spyOn(engine, 'build').mockImplementation(async (built, options) => {
      if (built.patches.length !== 1) return build(built, options)
      return { ...(await build(built, { ...options, depth: 'applied' })), status: 'timeout' }
    })
    const inputs = { engine, stacks: [stack], scenarios: scenarios.slice(0, 1), cache }
    const first = await compare(inputs)
    slow.mockRestore()
    const again = await compare(inputs)
    expect(again.interactions).toEqual((await compare({ ...inputs, cache: undefined })).interactions)
    expect(again.interactions).not.toEqual(first.interactions)
  }, 180_000)

  it('names the lines of the mail that the user has, not of an earlier one', async () => {
    const folder = folderWith({})
    const path = 'packages/models/of/src/node.ts'
    const diff = diffAfter(path, 'export function of_node_put', '  x()').replace('\n export', '\n exported')
    const reasons: (string | undefined)[] = []
    for (const message of ['', 'one\ntwo\n']) {
      const mail = `From: A <a@example.org>\nSubject: [PATCH] x\n\n${message}---\n${diff}`
      const { comparison } = await compared(folder, [stackOf('x', mail)])
      reasons.push(comparison.variants.find(({ id }) => id === 'x')?.reason)
    }
    const [line = 0, later = 0] = reasons.map((reason) => Number(/x\.patch:(\d+)/.exec(reason ?? '')?.[1]))
    expect(line).toBeGreaterThan(0)
    expect(later).toBe(line + 2)
  }, 180_000)

  it('succeeds even if results cannot be kept, or if two share the folder', async () => {
    const folder = folderWith({})
    const [one, two, unkept] = await Promise.all([
      compared(folder, []),
      compared(folder, []),
      compared('/dev/null/cache', []),
    ])
    expect(unkept.complaints).toHaveLength(1)
    expect(JSON.stringify(unkept.comparison)).toBe(JSON.stringify(one.comparison))
    expect(JSON.stringify(two.comparison)).toBe(JSON.stringify(one.comparison))
    expect((await compared(folder, [])).ran).toEqual([])
  }, 180_000)

  it('keeps results by the code of the workbench and the engine', () => {
    const origin = originOfResults(engine)
    expect(Object.values(origin)).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ])
    expect(originOfResults(engine)).toEqual(origin)
  })
})
