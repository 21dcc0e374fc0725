#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync, statSync } from 'node:fs'

const folder = new URL('../', import.meta.url)

/** True if there is a bundle of the command, and nothing that it is made from was compiled again. */
function hasBundle() {
  try {
    const inputs = JSON.parse(readFileSync(new URL('dist/bundle/inputs.json', folder), 'utf8'))
    return inputs.every(([path, size, mtimeMs]) => {
      const now = statSync(new URL(path, folder))
      return now.size === size && now.mtimeMs === mtimeMs
    })
  } catch {
    return false
  }
}

await import(hasBundle() ? '../dist/bundle/main.js' : '../dist/main.js')
