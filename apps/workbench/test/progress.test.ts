// SPDX-License-Identifier: GPL-2.0-only
import { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { barText, Progress } from '../src/progress.ts'

it.each([
  [0, 100, 60_000, '[....................]'],
  [5, 100, 1_000, '[#...................]'],
  [50, 100, 60_000, '[##########..........] about 60 s left'],
  [10, 100, 60_000, '[##..................] about 9 min left'],
  [100, 100, 60_000, '[####################]'],
  [0, 0, 60_000, '[....................]'],
])('%i of %i after %i ms is %s', (done, total, elapsed, text) => {
  expect(barText(done, total, elapsed)).toBe(text)
})

it('ignores cached results in its estimate', () => {
  expect(barText(60, 100, 10_000, 50)).toBe('[############........] about 40 s left')
  expect(barText(50, 100, 10_000, 50)).toBe('[##########..........]')
})

/** A terminal that keeps the content of its screen. */
class Screen extends Writable {
  readonly isTTY = true
  readonly columns = 60
  readonly rows = 8
  written = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString()
    done()
  }

  /** The last drawn content. */
  get last(): string[] {
    return stripVTControlCharacters(this.written.split('\u001b[?2026h').at(-1) ?? '')
      .trimEnd()
      .split('\n')
  }
}

const shown = (env: NodeJS.ProcessEnv = {}): { screen: Screen; progress: Progress } => {
  const screen = new Screen()
  return { screen, progress: new Progress(screen as unknown as NodeJS.WriteStream, env) }
}

describe('progress', () => {
  it('shows the last finished lines, the bar and current work, limited to the screen', () => {
    const { screen, progress } = shown()
    progress.show({ variant: 'wipe', doing: 'ran 1/3', done: 1, total: 40 })
    for (let n = 1; n <= 20; n++) progress.add(`patch-${String(n)}: do not merge alone`)
    const lines = screen.last
    expect(lines.length).toBeLessThan(screen.rows)
    expect(lines.slice(-3)).toEqual([
      'patch-20: do not merge alone',
      expect.stringMatching(/^1 of 40 runs \[\.+\]$/),
      '  wipe: ran 1/3',
    ])
  })

  it('has no line wider than the screen', () => {
    const { screen, progress } = shown()
    progress.show({ variant: 'a-very-long-name-'.repeat(9), doing: 'ran 1/3', done: 1, total: 40 })
    progress.add('x'.repeat(300))
    expect(Math.max(...screen.last.map(({ length }) => length))).toBeLessThan(screen.columns)
  })

  it('writes nothing to a terminal that cannot move its cursor', () => {
    const { screen, progress } = shown({ TERM: 'dumb' })
    progress.show({ variant: 'wipe', doing: 'ran 1/3', done: 1, total: 40 })
    progress.add('wipe: do not merge alone')
    expect(screen.written).toBe('')
    expect(progress.isSeen).toBe(false)
  })
})
