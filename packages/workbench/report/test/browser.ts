// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where a browser is, or why there is none. */
export type BrowserPlace = { readonly path: string } | { readonly missing: string }

const names = ['chromium', 'chromium-browser', 'google-chrome']

function find(name: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not here.
    }
  }
  return null
}

/** Runs a command of the package manager; an index that cannot be refreshed is no reason not to try. */
function apt(...args: string[]): void {
  try {
    execFileSync('apt-get', args, { stdio: 'ignore', timeout: 300_000 })
  } catch {
    // What it was for is looked for afterwards.
  }
}

/** The browser to test with. In CI it is installed where there is none, if that can be done with apt-get. */
export function findBrowser(): BrowserPlace {
  const given = process.env['CHROMIUM']
  if (given !== undefined && given !== '') return { path: given }
  const search = (): string | undefined => names.map(find).find((path) => path !== null) ?? undefined
  let path = search()
  const mayInstall = process.env['CI'] !== undefined && find('apt-get') !== null && process.getuid?.() === 0
  if (path === undefined && mayInstall) {
    apt('update')
    apt('install', '-y', 'chromium')
    path = search()
  }
  return path === undefined
    ? { missing: `no ${names.join(', ')} on the PATH, and CHROMIUM is not set` }
    : { path }
}
