// SPDX-License-Identifier: GPL-2.0-only
// Bundles the compiled command into a few files: Node takes a second to find and load its several hundred modules.
// Packages are not changed, and the command also runs without the bundle.
import { deepStrictEqual } from 'node:assert'
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build, transform } from 'esbuild'

const folder = import.meta.dirname
/** Tests choose another folder below `dist`, as other tests run the command meanwhile. */
const bundles = join(folder, 'dist', process.argv[2] ?? 'bundle')
/** A new folder, because commands that run load further files of their bundle when they need them. */
const outdir = join(bundles, String(Date.now()))

/**
 * Modules find files beside their own file by `import.meta`, so in the bundle it must still name that file.
 *
 * @type {import('esbuild').Plugin}
 */
const ownPlaces = {
  name: 'own-places',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, async ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (!/\bimport\.meta\b/.test(text)) return null
      const { code } = await transform(text, {
        define: { 'import.meta.url': 'moduleUrl__', 'import.meta.dirname': 'moduleFolder__' },
        sourcefile: path,
        sourcemap: 'inline',
      })
      const [file, parent] = [path, dirname(path)].map((one) => JSON.stringify(relative(outdir, one)))
      // On the first line, so that the lines of the source map stay right.
      const places = [
        "import { fileURLToPath as pathOfUrl__ } from 'node:url'",
        `const moduleUrl__ = new URL(${file}, import.meta.url).href`,
        `const moduleFolder__ = pathOfUrl__(new URL(${parent}, import.meta.url))`,
      ]
      return { contents: `${places.join(';')};${code}` }
    })
  },
}

const packages = join(folder, '../../packages/workbench')
const payload = join(packages, 'variant/dist/sandbox/payload.js')
const scenarios = join(packages, 'scenario/dist/shipped.js')

/** Files that the modules below read. */
const read = [
  ...['child', 'lockdown'].map((name) => join(dirname(payload), `payload/${name}.js`)),
  ...['standard', 'extended'].flatMap((set) => {
    const own = join(packages, 'scenario/scenarios', set)
    // The time of a folder changes if a file is added.
    return [own, ...readdirSync(own).map((name) => join(own, name))]
  }),
]

/**
 * Modules that make the same objects in each run, as JSON. Making them takes half a second.
 *
 * @type {import('esbuild').Plugin}
 */
const prepared = {
  name: 'prepared',
  setup({ onLoad }) {
    onLoad({ filter: /[/]payload\.js$/ }, async ({ path }) => {
      if (path !== payload) return null
      const { loadPayload } = await import(payload)
      return { contents: `export const loadPayload = async () => (${JSON.stringify(await loadPayload())})` }
    })
    onLoad({ filter: /[/]shipped\.js$/ }, async ({ path }) => {
      if (path !== scenarios) return null
      const { shippedScenarios } = await import(scenarios)
      const sets = ['standard', 'extended', 'all'].map((set) => {
        const json = JSON.stringify(shippedScenarios(set))
        deepStrictEqual(JSON.parse(json), shippedScenarios(set))
        return [set, json]
      })
      return {
        contents: `const sets = ${JSON.stringify(Object.fromEntries(sets))}
          export const shippedScenarios = (set = 'standard') => JSON.parse(sets[set])`,
      }
    })
  },
}

const { metafile } = await build({
  entryPoints: [join(folder, 'dist/main.js')],
  absWorkingDir: folder,
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // esbuild finds its program beside itself. The others are large, and few commands need them.
  external: ['esbuild', 'typescript', 'xmlbuilder2'],
  // For dependencies that are CommonJS.
  banner: {
    js: "import { createRequire as requireFor } from 'node:module';const require = requireFor(import.meta.url);",
  },
  sourcemap: 'linked',
  metafile: true,
  plugins: [prepared, ownPlaces],
  logLevel: 'warning',
})

// The command uses the bundle only while all files that it is made from are as they were. `npm ci`, which
// replaces the dependencies, also builds.
const modules = Object.keys(metafile.inputs).filter((path) => !path.includes('node_modules/'))
/** Each package says which of its modules others import. */
const manifests = new Set(modules.map((path) => path.replace(/(^|[/])dist[/].*/, '$1package.json')))
const inputs = [...modules, ...manifests, ...read.map((path) => relative(folder, path))].map((path) => {
  const { size, mtimeMs } = statSync(join(folder, path))
  return [path, size, mtimeMs]
})
const main = relative(folder, join(outdir, 'main.js'))
writeFileSync(join(outdir, 'bundle.json'), JSON.stringify({ main, inputs }))
// Until here, commands start with the last bundle.
renameSync(join(outdir, 'bundle.json'), join(bundles, 'bundle.json'))

// Says that this bundle replaced another one, and when. The folder of a build that crashed has no such file.
writeFileSync(join(outdir, 'replaced'), '')

/** @param {string} name */
const timeOf = (name) => statSync(join(bundles, name, 'replaced'), { throwIfNoEntry: false })?.mtimeMs ?? null
const made = readdirSync(bundles).filter((name) => /^\d+$/.test(name))
const times = made.map(timeOf).filter((time) => time !== null)
for (const name of made) {
  const since = timeOf(name) ?? Number(name)
  // A day after the next bundle replaced it no command runs from it.
  const until = Math.min(...times.filter((time) => time > since))
  // Another build may remove it at the same time.
  if (until < Date.now() - 86_400_000) rmSync(join(bundles, name), { recursive: true, force: true })
}
