// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { linuxFacts } from '@pfo-workbench/run'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { root, workspaceFolders } from './support/workspace.ts'

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(root, folder, file))
}

/** Words in the code of a file: identifiers, and words in strings, templates and regular expressions. */
function wordsIn(text: string): Set<string> {
  const words = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isLiteralExpression(node) || ts.isTemplateLiteralToken(node))
      for (const [word] of node.text.matchAll(/[A-Za-z_]\w*/g)) words.add(word)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('x.ts', text, ts.ScriptTarget.ES2023))
  return words
}

/**
 * Functions of the models that have kernel names, and the functions in the table of roles. `printk` is also an event
 * type, which oracles may name.
 */
const kernelFunctions: ReadonlySet<string> = new Set([
  ...workspaceFolders
    .filter((folder) => folder.startsWith('packages/models/'))
    .flatMap((folder) => filesBelow(join(folder, 'src')))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\bfunction ([A-Za-z_]\w*)/g)])
    .flatMap(([, name = '']) => (/^[a-z\d_]+_[a-z\d_]+$/.test(name) ? [name] : [])),
  ...Object.keys(linuxFacts.roles).filter((name) => !name.endsWith('*') && name !== 'printk'),
  ...Object.keys(linuxFacts.dropsFor),
])

const kernelFunctionsIn = (text: string): string[] =>
  [...wordsIn(text)].filter((word) => kernelFunctions.has(word))

it.each(filesBelow('packages/workbench/oracle/src'))(
  'no file of the oracles names a kernel function: %s',
  (file) => {
    expect(kernelFunctionsIn(readFileSync(file, 'utf8'))).toEqual([])
  },
)

it('a kernel function is found in strings and regular expressions, but not in comments', () => {
  expect(kernelFunctions.size).toBeGreaterThan(400)
  expect(kernelFunctionsIn("// of_node_put\nconst x = 'via of_node_get'")).toEqual(['of_node_get'])
  expect(kernelFunctionsIn('const x = /^(kobject_put|y)$/')).toEqual(['kobject_put'])
})
