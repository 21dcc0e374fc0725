// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fillIn, matches, readPage } from './support/transcript.ts'

const root = join(import.meta.dirname, '..')
const pages = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({
    name,
    file: join(root, 'docs', name),
    page: readFileSync(join(root, 'docs', name), 'utf8'),
  }))
const folders: string[] = []

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Creates a folder inside the repository, so that packages resolve, with the patches where pages expect them. */
function makeFolder(): string {
  const folder = mkdtempSync(join(root, '.docs-'))
  folders.push(folder)
  symlinkSync(join(root, 'patches'), join(folder, 'patches'))
  return folder
}

/**
 * Output of a command on both streams, followed by the exit code if it is not 0. Commands of the workspace are on the
 * `PATH`; `npx` is left out because it takes as long as the commands themselves. The cache is shared with other tests,
 * not with the user.
 */
function run(command: string, folder: string): string {
  const { stdout, status } = spawnSync('sh', ['-c', `exec 2>&1; ${command.replaceAll(/\bnpx /g, '')}`], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
      XDG_CACHE_HOME: process.env['PFO_TEST_RESULTS'] ?? join(folder, 'cache'),
      NO_COLOR: '1',
      COLUMNS: '80',
    },
  })
  return `${stdout}${status === 0 ? '' : `exit ${String(status)}\n`}`
}

const commandsOf = (page: string) => readPage(page).filter((shown) => 'command' in shown)

describe.each(pages.filter(({ page }) => commandsOf(page).length > 0))('docs/$name', ({ file, page }) => {
  it('prints the output that it shows, command by command', { timeout: 600_000 }, async () => {
    const folder = makeFolder()
    const printed = readPage(page).flatMap((one) => {
      if ('command' in one) return [{ shown: one.command, output: run(one.command.command, folder) }]
      writeFileSync(join(folder, one.file.name), one.file.text)
      return []
    })
    // `vitest -u` updates the page.
    await expect(fillIn(page, printed)).toMatchFileSnapshot(file)
  })
})

it.each(pages.filter(({ name }) => /^(?:tutorial|write-.*)\.md$/.test(name)))(
  'docs/$name has an example',
  ({ page }) => {
    expect(commandsOf(page)).not.toEqual([])
  },
)

it('the README and the tutorial show the same output', () => {
  const shownIn = (page: string): string[] =>
    commandsOf(page).map(({ command: { command, output } }) => `$ ${command}\n${output}`)
  const tutorial = pages.find(({ name }) => name === 'tutorial.md')?.page ?? ''
  const readme = shownIn(readFileSync(join(root, 'README.md'), 'utf8'))
  expect(readme).not.toEqual([])
  expect(shownIn(tutorial)).toEqual(expect.arrayContaining(readme))
})

describe('a page of documentation', () => {
  const page = '# Page\n\n```yaml a.yaml\nid: a\n```\n\n```console\n$ one\n1\n$ two\n```\n'
  const [file, one, two] = readPage(page)

  it('shows files by name, and commands with their output', () => {
    expect([file, one, two]).toEqual([
      { file: { name: 'a.yaml', text: 'id: a\n' } },
      { command: { command: 'one', output: '1\n', line: 8 } },
      { command: { command: 'two', output: '', line: 10 } },
    ])
  })

  it('is updated if a command prints other output', () => {
    const shown = [one, two].flatMap((it) => (it !== undefined && 'command' in it ? [it.command] : []))
    const outputs = ['1\n', '2\n3\n']
    expect(
      fillIn(
        page,
        shown.map((it, index) => ({ shown: it, output: outputs[index] ?? '' })),
      ),
    ).toBe(page.replace('$ two\n', '$ two\n2\n3\n'))
  })

  it('may omit lines of an output', () => {
    expect(matches('a\n...\nd\n', 'a\nb\nc\nd\n')).toBe(true)
    expect(matches('a\n...\n', 'a\n')).toBe(true)
    expect(matches('a\n...\nd\n', 'a\nb\n')).toBe(false)
    expect(matches('a.\n', 'ab\n')).toBe(false)
  })
})
