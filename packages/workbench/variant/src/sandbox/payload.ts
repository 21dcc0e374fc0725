// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { transformSync } from 'esbuild'

/** Two programs passed as text instead of imported: they run in another process and another realm. */
export interface Payload {
  readonly child: string
  readonly lockdown: string
}

/** Reads a module in the `payload` folder, as TypeScript or compiled, and makes a script of it. */
async function script(name: string, format: 'cjs' | 'iife'): Promise<string> {
  const extension = extname(import.meta.url)
  const text = await readFile(new URL(`./payload/${name}${extension}`, import.meta.url), 'utf8')
  const loader = extension === '.ts' ? 'ts' : 'js'
  // The asynchronous transform would leave an esbuild process running.
  const { code } = transformSync(text, {
    loader,
    format,
    target: 'es2022',
    platform: 'node',
    sourcemap: false,
    // Modules are strict, scripts are not. A function that is not strict exposes its arguments.
    banner: '"use strict";',
  })
  return code
}

const state: { payload: Promise<Payload> | null } = { payload: null }

/** Returns the programs; builds them once. */
export async function loadPayload(): Promise<Payload> {
  state.payload ??= Promise.all([script('child', 'cjs'), script('lockdown', 'iife')]).then(
    ([child, lockdown]) => ({
      child,
      lockdown,
    }),
  )
  return state.payload
}
