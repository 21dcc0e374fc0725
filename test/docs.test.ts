// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { matches, readPage } from './support/transcript.ts'

const root = join(import.meta.dirname, '..')
const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
const folders: string[] = []

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A folder in the repository, from which its packages and commands are found, with the patches where a page expects them. */
function makeFolder(): string {
  const folder = mkdtempSync(join(root, '.docs-'))
  folders.push(folder)
  symlinkSync(join(root, 'patches'), join(folder, 'patches'))
  return folder
}

/** What a command prints on both streams, and its exit code if it is not 0. */
function run(command: string, folder: string): string {
  const [program = '', ...rest] = command.split(' ')
  const [file, args] =
    program === 'npx' && rest[0] === 'pfo'
      ? [process.execPath, [join(root, 'apps/workbench/bin/pfo.js'), ...rest.slice(1)]]
      : [program, rest]
  const { stdout, stderr, status } = spawnSync(file, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', COLUMNS: '80' },
  })
  return `${stdout}${stderr}${status === 0 ? '' : `exit ${String(status)}\n`}`
}

describe.each(pages)('docs/%s', (name) => {
  const shown = readPage(readFileSync(join(root, 'docs', name), 'utf8'))

  it('prints what it shows, command by command', () => {
    const folder = makeFolder()
    for (const one of shown) {
      if ('file' in one) {
        writeFileSync(join(folder, one.file.name), one.file.text)
        continue
      }
      const { command, output, line } = one.command
      const printed = run(command, folder)
      if (!matches(output, printed)) expect(printed, `docs/${name}:${String(line)}: ${command}`).toBe(output)
    }
  })
})

describe('a page of documentation', () => {
  it('shows files by name, and commands with their output', () => {
    expect(readPage('# Page\n\n```yaml a.yaml\nid: a\n```\n\n```console\n$ one\n1\n$ two\n```\n')).toEqual([
      { file: { name: 'a.yaml', text: 'id: a\n' } },
      { command: { command: 'one', output: '1\n', line: 8 } },
      { command: { command: 'two', output: '', line: 10 } },
    ])
  })

  it('may leave out lines of an output', () => {
    expect(matches('a\n...\nd\n', 'a\nb\nc\nd\n')).toBe(true)
    expect(matches('a\n...\n', 'a\n')).toBe(true)
    expect(matches('a\n...\nd\n', 'a\nb\n')).toBe(false)
    expect(matches('a.\n', 'ab\n')).toBe(false)
  })
})
