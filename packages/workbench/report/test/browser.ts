// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The path of a browser, or the reason why there is none. */
export type BrowserPlace = { readonly path: string } | { readonly missing: string }

const names = ['chromium', 'chromium-browser', 'google-chrome']

function find(name: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Try the next folder.
    }
  }
  return null
}

/** Runs apt-get. A failed update of the index is ignored: the installation may still work. */
function apt(...args: string[]): void {
  try {
    execFileSync('apt-get', args, { stdio: 'ignore', timeout: 300_000 })
  } catch {
    // The caller checks whether the browser is there now.
  }
}

/** Finds the browser for the tests. In CI, installs it with apt-get if it is missing. */
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
