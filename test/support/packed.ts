// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { manifestOf, root, workspaceFolders } from './workspace.ts'

/** A packed package of the workspace. */
export interface PackedPackage {
  readonly name: string
  /** Folder in the repository. */
  readonly dir: string
  readonly tarball: string
  /** Dependencies in its package.json. */
  readonly dependencies: readonly string[]
  readonly readme: string
}

/** Builds and packs every public package in `packages/`. */
export function packAll(destination: string): PackedPackage[] {
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b'], { cwd: root })
  const manifests = workspaceFolders
    .filter((place) => place.startsWith('packages/'))
    .map((place) => ({ place, manifest: manifestOf(place) }))
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
 * Installs packages and their declared dependencies into a project. Workspace packages come from their tarballs,
 * external packages from this repository's node_modules. Each package resolves its external dependencies in the
 * versions of the lockfile.
 */
export function install(project: string, names: readonly string[], packed: readonly PackedPackage[]): void {
  const waiting = [...names]
  const done = new Set<string>()
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const own = packed.find((one) => one.name === name)
    if (done.has(name)) continue
    done.add(name)
    if (own === undefined) {
      link(name, root, project)
      continue
    }
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

/** Links an external package into a folder, in the version that `finder` resolves. */
function link(name: string, finder: string, folder: string): void {
  const found = [finder, root].map((dir) => join(dir, 'node_modules', name)).find((dir) => existsSync(dir))
  if (found === undefined) throw new Error(`${name} is not installed`)
  mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
  symlinkSync(found, join(folder, 'node_modules', name))
}

/** Example of a README: packages to install, a program, and its output. */
export interface ReadmeExample {
  readonly packages: readonly string[]
  readonly language: 'js' | 'ts'
  readonly code: string
  readonly output: string
}

/**
 * Parses the example of a README: an `npm install …` block, a program in a `js` or `ts` block, and a following `text`
 * block with its output.
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
