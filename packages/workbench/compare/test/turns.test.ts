// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { Turns } from '../src/turns.ts'

/** Works that end when they are told to, and who is at work. */
function worksOf(
  turns: Turns,
  names: readonly string[],
): { working: string[]; end: Map<string, () => void>; all: Promise<unknown> } {
  const working: string[] = []
  const end = new Map<string, () => void>()
  const all = names.map(async (name) =>
    turns.take(async () => {
      working.push(name)
      await new Promise<void>((resolve) => end.set(name, resolve))
      working.splice(working.indexOf(name), 1)
      if (name === 'fails') throw new Error(name)
    }),
  )
  return { working, end, all: Promise.allSettled(all) }
}

const soon = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('turns', () => {
  it('are had by so many at the same time, then by those who came next, also after one that failed', async () => {
    const { working, end, all } = worksOf(new Turns(2), ['a', 'fails', 'b', 'c'])
    await soon()
    expect(working).toEqual(['a', 'fails'])
    end.get('fails')?.()
    await soon()
    expect(working).toEqual(['a', 'b'])
    end.get('a')?.()
    await soon()
    expect(working).toEqual(['b', 'c'])
    end.get('b')?.()
    end.get('c')?.()
    await all
    expect(working).toEqual([])
  })

  it('are there again when all are done', async () => {
    const turns = new Turns(1)
    await turns.take(async () => Promise.resolve())
    expect(await turns.take(async () => Promise.resolve('again'))).toBe('again')
  })
})
