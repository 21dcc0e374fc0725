// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

/** All source files, those that no index leads to as well: what is bundled with a variant, or begins a process. */
const sources = ['packages/models', 'packages/workbench', 'apps'].flatMap((folder) =>
  readdirSync(join(root, folder)).flatMap((name) =>
    readdirSync(join(root, folder, name, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => `${folder}/${name}/src/${file}`),
  ),
)

/** Which files import which at run time: imports of types are none. */
async function importsOf(files: readonly string[]): Promise<Map<string, string[]>> {
  const { metafile } = await build({
    absWorkingDir: root,
    // One program, as each entry point would be bundled by itself.
    stdin: {
      contents: files.map((file, index) => `export * as file${String(index)} from './${file}'`).join('\n'),
      resolveDir: root,
    },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  return new Map(
    Object.entries(metafile.inputs).map(([file, { imports }]) => [file, imports.map(({ path }) => path)]),
  )
}

/** The first circle of imports that is met, in order. */
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

it('no file imports itself through others', async () => {
  const imports = await importsOf(sources)
  expect([...imports.keys()]).toEqual(expect.arrayContaining(sources))
  expect(circleIn(imports)).toBeNull()
})

it('a circle is found wherever it begins', () => {
  const imports = new Map([
    ['a', ['b', 'c']],
    ['b', []],
    ['c', ['d']],
    ['d', ['b', 'c']],
  ])
  expect(circleIn(imports)).toEqual(['c', 'd', 'c'])
})
