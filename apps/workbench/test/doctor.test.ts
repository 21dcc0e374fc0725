// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { isAccepted, type Check } from '../src/doctor-checks.ts'
import { buildCommand, command, scratch } from './support.ts'

beforeAll(buildCommand)

function doctor(
  env: NodeJS.ProcessEnv,
  ...args: string[]
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [command, 'doctor', ...args], {
    encoding: 'utf8',
    cwd: scratch,
    env: { ...process.env, ...env },
  })
}

function checks(env: NodeJS.ProcessEnv): {
  status: number | null
  usable: boolean
  of: (name: string) => Check | undefined
} {
  const { status, stdout } = doctor(env, '--format', 'json')
  const { usable, checks: all } = JSON.parse(stdout) as { usable: boolean; checks: Check[] }
  return { status, usable, of: (name) => all.find((check) => check.name === name) }
}

/** A folder with a program that prints this version. */
function toolFolder(name: string, version: string): string {
  const folder = mkdtempSync(join(scratch, 'bin-'))
  writeFileSync(join(folder, name), `#!/bin/sh\necho "${version}"\n`, { mode: 0o755 })
  return folder
}

describe('pfo doctor', () => {
  it('says that patches can be compared if nothing is missing', () => {
    const { status, stdout, stderr } = doctor({ XDG_CACHE_HOME: join(scratch, 'cache') })
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^ok +Node +20\.|^ok +Node +2\d\./m)
    expect(stdout).toMatch(/^ok +git +git version /m)
    expect(stdout).toMatch(/^(ok|warning) +sandbox: network namespace +/m)
    expect(stdout).toContain(`${join(scratch, 'cache/pfo-workbench')}, not created yet\n`)
    expect(stdout).toMatch(/\n\nPatches can be compared here\.\n$/)
  })

  it('exits with 2 without git, and says what to install', () => {
    const { status, usable, of } = checks({ PATH: mkdtempSync(join(scratch, 'empty-')) })
    expect([status, usable]).toEqual([2, false])
    expect(of('git')).toMatchObject({
      status: 'problem',
      found: 'not found',
      advice: expect.stringContaining('install git 2.32') as string,
    })
  })

  it('detects a version of git that is too old', () => {
    const PATH = [toolFolder('git', 'git version 2.9.5'), process.env['PATH'] ?? ''].join(delimiter)
    expect(checks({ PATH }).of('git')).toMatchObject({ status: 'problem', found: 'git version 2.9.5' })
  })

  it('finds optional tools but does not need them', () => {
    const PATH = [
      toolFolder('qemu-system-ppc64', 'QEMU emulator version 9.0.0'),
      dirname(process.execPath),
      '/usr/bin',
      '/bin',
    ].join(delimiter)
    expect(checks({ PATH }).of('QEMU')).toMatchObject({ status: 'ok', found: 'QEMU emulator version 9.0.0' })
    expect(checks({ PATH: '/nowhere' }).of('QEMU')).toMatchObject({ status: 'note' })
  })

  it('exits with 2 if temporary files cannot be written', () => {
    const { status, of } = checks({ TMPDIR: join(scratch, 'nowhere') })
    expect(status).toBe(2)
    expect(of('temporary files')).toMatchObject({
      status: 'problem',
      advice: expect.stringContaining('TMPDIR') as string,
    })
  })

  it('warns about a cache that is not writable', () => {
    const XDG_CACHE_HOME = join(scratch, 'odd')
    mkdirSync(XDG_CACHE_HOME)
    writeFileSync(join(XDG_CACHE_HOME, 'pfo-workbench'), 'a file where the folder should be')
    const { status, of } = checks({ XDG_CACHE_HOME })
    expect(status).toBe(0)
    expect(of('cache')).toMatchObject({
      status: 'warning',
      advice: expect.stringContaining('XDG_CACHE_HOME') as string,
    })
  })
})

it.each([
  ['20.18.3', false],
  ['20.19.0', true],
  ['20.20.2', true],
  ['21.0.0', false],
  ['22.9.0', false],
  ['22.13.0', true],
  ['24.1.0', true],
])('Node %s is accepted: %s', (version, accepted) => {
  expect(isAccepted(version, '>=20.19 <21 || >=22.13')).toBe(accepted)
})
