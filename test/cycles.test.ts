// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { root, workspaceFolders } from './support/workspace.ts'

/**
 * All source files, including those that no index exports: files bundled with variants and entry points of processes.
 */
const sources = workspaceFolders.flatMap((folder) =>
  readdirSync(join(root, folder, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => `${folder}/src/${file}`),
)

/** For each file, the files of the same package that it imports, including type imports. */
function importsOf(files: readonly string[]): Map<string, string[]> {
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'))
      const own = importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
      return [file, own.map(({ fileName }) => posix.join(posix.dirname(file), fileName))]
    }),
  )
}

/** The first import cycle found, in order; null if there is none. */
function circleIn(imports: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>()
  const visit = (file: string, way: readonly string[]): readonly string[] | null => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file]
    if (done.has(file)) return null
    for (const next of imports.get(file) ?? []) {
      const circle = visit(next, [...way, file])
      if (circle !== null) return circle
    }
    done.add(file)
    return null
  }
  for (const file of imports.keys()) {
    const circle = visit(file, [])
    if (circle !== null) return circle
  }
  return null
}

it('no file imports itself through other files, not even for types', () => {
  const imports = importsOf(sources)
  expect(sources).toEqual(expect.arrayContaining([...imports.values()].flat()))
  expect(circleIn(imports)).toBeNull()
})

it('a cycle is found from any of its files', () => {
  const imports = new Map([
    ['a', ['b', 'c']],
    ['b', []],
    ['c', ['d']],
    ['d', ['b', 'c']],
  ])
  expect(circleIn(imports)).toEqual(['c', 'd', 'c'])
})
