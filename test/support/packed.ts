// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const root: string = join(import.meta.dirname, '../..')

/** A package of the workspace, packed. */
export interface PackedPackage {
  readonly name: string
  /** Its folder in the repository. */
  readonly dir: string
  readonly tarball: string
  /** What its package.json depends on. */
  readonly dependencies: readonly string[]
  readonly readme: string
}

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly dependencies?: Record<string, string>
}

/** Builds and packs every package below `packages/` that is not private. */
export function packAll(destination: string): PackedPackage[] {
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b'], { cwd: root })
  const places = ['c', 'models', 'workbench'].flatMap((group) =>
    readdirSync(join(root, 'packages', group)).map((name) => join('packages', group, name)),
  )
  const manifests = places
    .map((place) => ({ place, file: join(root, place, 'package.json') }))
    .filter(({ file }) => existsSync(file))
    .map(({ place, file }) => ({ place, manifest: JSON.parse(readFileSync(file, 'utf8')) as Manifest }))
    .filter(({ manifest }) => manifest.private !== true)
  const printed = execFileSync(
    'npm',
    [
      'pack',
      '--json',
      '--pack-destination',
      destination,
      ...manifests.map(({ place }) => `--workspace=${place}`),
    ],
    { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const tarballs = new Map(
    (JSON.parse(printed) as { name: string; filename: string }[]).map(({ name, filename }) => [
      name,
      filename,
    ]),
  )
  return manifests.map(({ place, manifest: { name, dependencies } }) => ({
    name,
    dir: join(root, place),
    tarball: join(destination, tarballs.get(name) ?? `${name} was not packed`),
    dependencies: Object.keys(dependencies ?? {}),
    readme: readFileSync(join(root, place, 'README.md'), 'utf8'),
  }))
}

/**
 * Installs packed packages into a project: they and what they declare, and nothing else. Packages of the workspace come from
 * their tarballs; each finds the packages of others that it declares, in the version that the lockfile gives it.
 */
export function install(project: string, names: readonly string[], packed: readonly PackedPackage[]): void {
  const waiting = [...names]
  const done = new Set<string>()
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const own = packed.find((one) => one.name === name)
    if (done.has(name) || own === undefined) continue
    done.add(name)
    const place = join(project, 'node_modules', name)
    mkdirSync(place, { recursive: true })
    execFileSync('tar', ['-xzf', own.tarball, '-C', place, '--strip-components', '1'])
    for (const dependency of own.dependencies) {
      if (packed.some((one) => one.name === dependency)) waiting.push(dependency)
      else link(dependency, own.dir, place)
    }
  }
  link('@types/node', root, project)
}

/** Lets a folder find a package of others that a folder of the repository finds. */
function link(name: string, finder: string, folder: string): void {
  const found = [finder, root].map((dir) => join(dir, 'node_modules', name)).find((dir) => existsSync(dir))
  if (found === undefined) throw new Error(`${name} is not installed`)
  mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
  symlinkSync(found, join(folder, 'node_modules', name))
}

/** What a README says: what to install, a program, and what it prints. */
export interface ReadmeExample {
  readonly packages: readonly string[]
  readonly language: 'js' | 'ts'
  readonly code: string
  readonly output: string
}

/**
 * Reads the example of a README: a block `npm install …`, a program in a `js` or `ts` block, and a `text` block behind it that
 * shows what it prints.
 */
export function exampleOf(readme: string): ReadmeExample {
  const found =
    /```sh\nnpm install ([^\n]+)\n```[\s\S]*?```(js|ts)\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/.exec(
      readme,
    )
  if (found === null)
    throw new Error('a README needs an sh block with npm install, a js or ts block, and a text block')
  const [, packages = '', language, code = '', output = ''] = found
  return { packages: packages.split(' '), language: language as 'js' | 'ts', code, output }
}
