#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync, statSync } from 'node:fs'

const folder = new URL('../', import.meta.url)

/** The module of the command: in its bundle, unless there is none or one of the files that it is made from changed. */
function mainModule() {
  try {
    const { main, inputs } = JSON.parse(readFileSync(new URL('dist/bundle/bundle.json', folder), 'utf8'))
    const isCurrent = inputs.every(([path, size, mtimeMs]) => {
      const now = statSync(new URL(path, folder))
      return now.size === size && now.mtimeMs === mtimeMs
    })
    if (isCurrent && statSync(new URL(main, folder)).isFile()) return main
  } catch {
    // There is no whole bundle. The compiled packages are always there.
  }
  return 'dist/main.js'
}

await import(new URL(mainModule(), folder).href)
