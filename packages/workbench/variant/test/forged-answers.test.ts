// SPDX-License-Identifier: GPL-2.0-only
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defaultLimits, runInSandbox, type JobResult } from '../src/index.ts'
import { loadPayload } from '../src/sandbox/payload.ts'

vi.mock(import('../src/sandbox/payload.ts'), { spy: true })

afterEach(() => {
  vi.mocked(loadPayload).mockReset()
})

/**
 * A child process that behaves as if patched code had escaped from its realm. It answers the header correctly. Then it
 * runs `deed` for each job; `deed` can read the job and its id, and can write any answer.
 */
const escaped = (deed: string): string => `
  const { writeSync } = require('node:fs')
  const say = (fd, text) => { for (let at = 0; at < text.length;) at += writeSync(fd, text.slice(at)) }
  const line = (answer) => JSON.stringify(answer) + '\\n'
  const ok = (id, text) => line({ id, status: 'ok', hits: [], text })
  let asked = 0
  require('node:readline').createInterface({ input: process.stdin }).on('line', (request) => {
    if (request.startsWith('"')) return // the program
    const { id, text: job } = JSON.parse(request)
    if (asked++ === 0) say(1, line({ id, status: 'ready', hits: [], text: '' }))
    else { ${deed} }
  })
`

async function answersOf(deed: string, jobs: readonly string[] = ['job']): Promise<JobResult[]> {
  vi.mocked(loadPayload).mockResolvedValue({ child: escaped(deed), lockdown: '' })
  const limits = { ...defaultLimits, jobMilliseconds: 5_000, memoryMegabytes: 64, answerBytes: 1 << 20 }
  const results: JobResult[] = []
  for await (const result of runInSandbox('', jobs, limits)) results.push(result)
  return results
}

describe('a compromised child', () => {
  it('is trusted as long as it answers correctly', async () => {
    expect(await answersOf('say(1, ok(id, job))', ['a', 'b'])).toEqual([
      { status: 'ok', output: 'a', hits: [] },
      { status: 'ok', output: 'b', hits: [] },
    ])
  })

  it.each([
    ['writes no JSON', "say(1, 'no JSON\\n')"],
    ['writes nothing but a line', "say(1, '\\n')"],
    ['writes what is no UTF-8', 'writeSync(1, Buffer.from([255, 10]))'],
    ['invents a status', "say(1, line({ id, status: 'splendid', hits: [], text: '' }))"],
    ['invents coverage points', "say(1, line({ id, status: 'ok', hits: [1e9], text: '' }))"],
    [
      'has too many coverage points',
      "say(1, line({ id, status: 'ok', hits: Array(70000).fill(1), text: '' }))",
    ],
    ['adds a field', "say(1, line({ id, status: 'ok', hits: [], text: '', __proto__: null, more: 1 }))"],
  ])('that %s has crashed: its output is not a valid answer', async (_what, deed) => {
    const reason = 'its output is not a valid answer'
    expect(await answersOf(deed)).toEqual([{ status: 'crashed', reason, hits: null }])
  })

  it.each([
    ["say(1, ok('another', ''))", 'it answered another request'],
    ["say(1, ok(id, 'a') + ok(id, 'b'))", 'it sent more than one answer'],
    ["for (;;) say(1, 'x'.repeat(65536))", 'its answer is longer than the 1048576 bytes that are accepted'],
    ["for (;;) say(2, 'x'.repeat(65536))", 'it wrote more than 1048576 bytes of error messages'],
    ['process.exit(7)', 'the process ended with code 7'],
    ["process.kill(process.pid, 'SIGKILL')", 'the process was ended by SIGKILL'],
  ])('that does %s has crashed: %s', async (deed, reason) => {
    expect(await answersOf(deed)).toEqual([{ status: 'crashed', reason, hits: null }])
  })

  it('cannot use what it knows of one job to answer a later one, which is played again in another child', async () => {
    const results = await answersOf('globalThis.known ??= { id, job }; say(1, ok(known.id, known.job))', [
      'a',
      'b',
    ])
    expect(results).toMatchObject([
      { status: 'ok', output: 'a' },
      { status: 'ok', output: 'b' },
    ])
  })

  it('that never answers has timed out', async () => {
    vi.mocked(loadPayload).mockResolvedValue({ child: escaped(''), lockdown: '' })
    const limits = { ...defaultLimits, jobMilliseconds: 300, totalMilliseconds: 1_000, memoryMegabytes: 64 }
    expect((await runInSandbox('', ['a'], limits).next()).value).toMatchObject({ status: 'timeout' })
  })
})
