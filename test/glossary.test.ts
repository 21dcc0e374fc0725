// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { root, workspaceFolders } from './support/workspace.ts'

const glossary = readFileSync(join(root, 'docs/glossary.md'), 'utf8')

/** The rows of the table "One word for one thing". */
const rows = [
  ...(glossary.split('## One word for one thing')[1] ?? '').matchAll(/^\| (.+?) +\| (.+?) +\|$/gm),
]
  .map(([, word = '', others = '']) => ({ word, others: others.split(', ') }))
  .filter(({ word }) => word !== 'word' && !word.startsWith('-'))
const banned = rows.flatMap(({ word, others }) => others.map((other) => ({ word, other })))

/** Words of a text that the glossary has another word for. */
function wrongWords(text: string): string[] {
  return banned
    .filter(({ other }) => new RegExp(`\\b${other}s?\\b`, 'i').test(text))
    .map(({ word, other }) => `"${other}" (say "${word}")`)
}

/** A page without code: blocks and code spans hold names and output. */
const prose = (page: string): string => page.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`]*`/g, '')

/** Texts of a source file that have at least two words: messages, not ids. */
function messages(file: string): string[] {
  const kind = file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS
  const source = ts.createSourceFile(
    file,
    readFileSync(join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
    kind,
  )
  const texts: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node) || ts.isJsxText(node))
      texts.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return texts.filter((text) => /\w\s+\w/.test(text))
}

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file))
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...filesIn('docs').filter((file) => file.endsWith('.md') && !/api|glossary|symbols/.test(file)),
  ...workspaceFolders
    .map((folder) => join(folder, 'README.md'))
    .filter((file) => existsSync(join(root, file))),
]
const sources = workspaceFolders
  .filter((folder) => !folder.startsWith('packages/models'))
  .flatMap((folder) => filesIn(join(folder, 'src')))
  .filter((file) => /\.tsx?$/.test(file))

describe('one word stands for one thing', () => {
  it('in the table of the glossary, which is not empty', () => {
    expect(banned.length).toBeGreaterThan(15)
    expect(wrongWords('The baseline has two defects')).toEqual([
      '"baseline" (say "unpatched")',
      '"defect" (say "finding")',
    ])
  })

  it.each(pages)('in %s', (page) => {
    expect(wrongWords(prose(readFileSync(join(root, page), 'utf8')))).toEqual([])
  })

  it('in all messages', () => {
    const wrong = sources.flatMap((file) =>
      messages(file).flatMap((text) => wrongWords(text).map((words) => `${file}: ${words}: ${text.trim()}`)),
    )
    expect(wrong).toEqual([])
  })

  it('in the help of each command', () => {
    const help = (...words: string[]): string =>
      execFileSync(process.execPath, [join(root, 'apps/workbench/bin/pfo.js'), ...words, '--help'], {
        encoding: 'utf8',
      })
    const commands = [...help().matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, name = '']) => name)
    expect(commands.length).toBeGreaterThan(8)
    for (const command of commands)
      expect({ command, wrong: wrongWords(help(command)) }).toEqual({ command, wrong: [] })
  })
})
