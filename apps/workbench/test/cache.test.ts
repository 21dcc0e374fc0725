// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  buildCommand,
  command,
  environment,
  pfo,
  scratch,
  shippedPatch,
  useOwnCache,
  write,
} from './support.ts'

const scenario = ['--scenario', 'lpm-once-hierarchy']

useOwnCache()

beforeAll(() => {
  buildCommand()
  write('wipe.patch', shippedPatch('wipe'))
  write('rng-put.patch', shippedPatch('rng-put'))
  write('stale.patch', shippedPatch('wipe').replace(/^ .*dlpar_detach_node.*$/m, ' function gone() {'))
}, 180_000)

describe('pfo cache', () => {
  it('shows the folder and size of the cache, and removes results', async () => {
    const folder = join(environment.XDG_CACHE_HOME, 'pfo-workbench')
    expect(await pfo('cache', 'path')).toEqual({ code: 0, stdout: `${folder}\n`, stderr: '' })
    expect((await pfo('cache', 'info')).stdout).toBe(`${folder}: 0 entries, 0.0 MiB\n`)
    const first = await pfo('compare', 'wipe.patch', ...scenario)
    expect((await pfo('cache', 'info')).stdout).toMatch(/: [1-9]\d* entries, \d/)
    expect(await pfo('compare', 'wipe.patch', ...scenario)).toEqual(first)
    expect((await pfo('cache', 'prune', '--all')).stdout).toMatch(/ before, 0 entries, 0\.0 MiB now\n$/)
    expect((await pfo('compare', 'wipe.patch', '--no-cache', ...scenario)).stdout).toBe(first.stdout)
    expect((await pfo('cache', 'info')).stdout).toBe(`${folder}: 0 entries, 0.0 MiB\n`)
  }, 180_000)

  it('refuses other actions', async () => {
    expect(await pfo('cache', 'prnue')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'pfo: the cache cannot do "prnue". Did you mean "prune"? Accepted: path, info, prune\n',
    })
  })
})

describe('pfo compare', () => {
  it('prints the report and exits with 2 if no patch applies', async () => {
    const { code, stdout, stderr } = await pfo('compare', 'stale.patch', ...scenario)
    expect(stdout).toContain('NOT JUDGED')
    expect(stdout).toContain('It could not be judged: conflict.\n')
    expect(stdout).toMatch(/stale\.patch:\d+\)\s+does not apply\./)
    expect([code, stderr]).toEqual([2, 'pfo: none of the patches could be compared; the report says why\n'])
  }, 180_000)

  it('reports a patch that does not apply, with its reason, along with the others', async () => {
    const { code, stdout } = await pfo('compare', 'wipe.patch', 'stale.patch', ...scenario)
    expect(stdout).toMatch(/^NOT JUDGED\n {2}stale: conflict: [^]*stale\.patch:\d+\)\s+does not apply\.$/m)
    expect(stdout).toContain('None that could be judged should be merged as it is')
    expect(code).toBe(0)
  }, 180_000)

  it('exits with 1 if the condition of --fail-on holds', async () => {
    const ends = async (...args: string[]) => (await pfo('compare', ...args, ...scenario)).code
    expect(await ends('rng-put.patch', '--fail-on', 'introduced')).toBe(0)
    expect(await ends('wipe.patch', '--fail-on', 'introduced')).toBe(1)
    expect(await ends('rng-put.patch', '--fail-on', 'any')).toBe(1)
    expect(await ends('wipe.patch')).toBe(0)
  }, 180_000)

  it('checks that the report can be written before it does anything else', async () => {
    const { code, stdout, stderr } = await pfo('compare', 'wipe.patch', '--output', 'none/report.txt')
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toBe('pfo: none/report.txt: the report cannot be written: there is no folder none\n')
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'leaves nothing behind when %s ends it',
    async (signal, code) => {
      const args = [command, 'compare', 'wipe.patch', '--no-cache', '--output', 'interrupted.txt']
      const child = spawn(process.execPath, args, { cwd: scratch, env: { ...process.env, ...environment } })
      const ended = new Promise((resolve) => child.once('exit', resolve))
      while (readdirSync(environment.TMPDIR).length === 0) await wait(20)
      child.kill(signal)
      expect(await ended).toBe(code)
      expect(readdirSync(environment.TMPDIR)).toEqual([])
      expect(existsSync(join(scratch, 'interrupted.txt'))).toBe(false)
      expect(readdirSync(scratch).filter((name) => name.startsWith('.pfo-'))).toEqual([])
    },
    180_000,
  )
})
