// SPDX-License-Identifier: GPL-2.0-only
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ownedPrefix } from '@pfo-workbench/process'
import { CommanderError } from 'commander'
import { StackError } from '@pfo-workbench/compare'
import { describe, expect, it } from 'vitest'
import { exitCodeOf, stderrText } from '../src/errors.ts'
import { UsageError } from '../src/usage-error.ts'
import { checkWritable, wantsColor, writeFileAtomically } from '../src/output.ts'
import { Progress } from '../src/progress.ts'
import { scratch } from './support.ts'

describe('a report file', () => {
  it('is created, or replaces the old one', () => {
    const file = join(scratch, 'new.txt')
    writeFileAtomically(file, 'one')
    writeFileAtomically(file, 'two')
    expect(readFileSync(file, 'utf8')).toBe('two')
  })

  it('is written through a symbolic link', () => {
    const [file, link] = [join(scratch, 'target.txt'), join(scratch, 'link.txt')]
    writeFileSync(file, 'old')
    symlinkSync(file, link)
    writeFileAtomically(link, 'new')
    expect(readFileSync(file, 'utf8')).toBe('new')
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
  })

  it('is tested before the work starts, and the old content stays', async () => {
    const file = join(scratch, 'kept.txt')
    writeFileSync(file, 'old')
    await checkWritable(file)
    await checkWritable(join(scratch, 'not yet.txt'))
    await checkWritable('/dev/null')
    expect(readFileSync(file, 'utf8')).toBe('old')
    expect(existsSync(join(scratch, 'not yet.txt'))).toBe(false)
  })

  it('that a killed process left half-written is removed before the next report; one of a running process stays', async () => {
    const folder = join(scratch, 'killed')
    const [space = ''] = /(?<=report-)\d+/.exec(ownedPrefix('.pfo-report')) ?? []
    const [killed, atWork] = [`.pfo-report-${space}-1-1-abc`, `${ownedPrefix('.pfo-report')}abc`]
    for (const name of [killed, atWork]) mkdirSync(join(folder, name), { recursive: true })
    writeFileSync(join(folder, killed, 'report.txt'), 'half a rep')
    await checkWritable(join(folder, 'report.txt'))
    expect(readdirSync(folder)).toEqual([atWork])
  })

  it('keeps its mode', () => {
    const file = join(scratch, 'private.txt')
    writeFileSync(file, 'old', { mode: 0o600 })
    writeFileAtomically(file, 'new')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['', '--output: the report cannot be written: its name is empty'],
    [
      '/nowhere/at/all.txt',
      '/nowhere/at/all.txt: the report cannot be written: there is no folder /nowhere/at',
    ],
    ['/proc/x.txt', '/proc/x.txt: the report cannot be written: no file can be created in /proc'],
    ['/', '/: the report cannot be written: it is a folder'],
  ])('"%s" is refused with a clear message', async (file, message) => {
    await expect(checkWritable(file)).rejects.toThrow(message)
  })

  it('may be a device', () => {
    writeFileAtomically('/dev/null', 'text')
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true)
  })

  it.each(['folder', 'none/report.txt'])(
    'that cannot be written (%s) is bad input and leaves no files',
    async (name) => {
      const parent = join(scratch, 'unwritable')
      mkdirSync(join(parent, 'folder'), { recursive: true })
      const file = join(parent, name)
      expect(() => {
        writeFileAtomically(file, 'text')
      }).toThrow(UsageError)
      await expect(checkWritable(file)).rejects.toThrow(UsageError)
      expect(() => {
        writeFileAtomically(file, 'text')
      }).toThrow(`${file}: the report cannot be written: `)
      expect(readdirSync(parent)).toEqual(['folder'])
    },
  )
})

describe('colour', () => {
  it('is used only on terminals', () => {
    expect(wantsColor({ isTTY: true }, {})).toBe(true)
    expect(wantsColor({ isTTY: true }, { NO_COLOR: '', TERM: 'xterm' })).toBe(true)
  })

  it.each([
    ['a file or a pipe', {}, {}],
    ['a file or a pipe, even if FORCE_COLOR is set', { isTTY: false }, { FORCE_COLOR: '1' }],
    ['somebody who set NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }],
    ['a terminal that has none', { isTTY: true }, { TERM: 'dumb' }],
  ])('is not used for %s', (_whom, stream, env) => {
    expect(wantsColor(stream, env)).toBe(false)
  })
})

describe('progress', () => {
  const shown = (isTTY: boolean, env: NodeJS.ProcessEnv = {}, columns = 40): string => {
    let text = ''
    const stream = {
      isTTY,
      columns,
      rows: 24,
      write: (chunk: string) => {
        text += chunk
        return true
      },
    }
    const progress = new Progress(stream as unknown as NodeJS.WriteStream, env)
    progress.show({ variant: 'a\u001b[31m', doing: `ran 1/2${'.'.repeat(80)}`, done: 1, total: 6 })
    progress.show({ variant: 'b', doing: 'applying and checking', done: 1, total: 6 })
    progress.show({ variant: 'b', doing: null, done: 1, total: 6 })
    progress.show({ variant: 'a', doing: 'applying', done: 7, total: null })
    progress.clear()
    return text
  }

  it('on a terminal, is one line per active variant, limited to the width', () => {
    expect(shown(true)).toContain('1 of 6 runs')
    expect(shown(true)).toContain('  a\\u001b[31m: ran 1/2..')
    expect(shown(true)).toContain('  b: applying and checking')
    expect(shown(true)).not.toContain('.'.repeat(40))
    expect(shown(true)).not.toContain('\u001b[31m')
  })

  it('continues after the last run and counts the extra runs', () => {
    expect(shown(true, {}, 80)).toContain('7 extra runs to find interactions\n')
  })

  it('is silent without a terminal, or on a dumb one', () => {
    expect(shown(false)).toBe('')
    expect(shown(true, { TERM: 'dumb' })).toBe('')
  })
})

describe('the exit code for a fault', () => {
  it.each([
    ['of the caller is 2, with its message', new UsageError('no such thing'), 2, 'pfo: no such thing\n'],
    ['in a series is 2', new StackError('s.yaml:1:1: no'), 2, 'pfo: s.yaml:1:1: no\n'],
    ['that the command line parser has reported is 2', new CommanderError(1, 'x', 'error: x'), 2, ''],
    ['that is none, such as help, is 0', new CommanderError(0, 'commander.help', ''), 0, ''],
  ])('%s', (_what, fault, code, message) => {
    expect([exitCodeOf(fault), stderrText(fault)]).toEqual([code, message])
  })

  it('of the workbench is 3, with a stack trace', () => {
    const fault = new TypeError('x is null')
    expect(exitCodeOf(fault)).toBe(3)
    expect(stderrText(fault)).toMatch(/^pfo: internal error, please report it:\nTypeError: x is null\n +at /)
  })
})
