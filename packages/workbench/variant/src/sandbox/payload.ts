// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { transformSync } from 'esbuild'

/** The two programs that are handed over as text, not imported: they run in another process and in another realm. */
export interface Payload {
  readonly child: string
  readonly lockdown: string
}

/** Reads a module beside this one, which is TypeScript or already compiled, and makes it a script. */
async function script(name: string, format: 'cjs' | 'iife'): Promise<string> {
  const extension = extname(import.meta.url)
  const text = await readFile(new URL(`./payload/${name}${extension}`, import.meta.url), 'utf8')
  const loader = extension === '.ts' ? 'ts' : 'js'
  // Not the asynchronous way: it leaves a process that waits for more.
  const { code } = transformSync(text, {
    loader,
    format,
    target: 'es2022',
    platform: 'node',
    sourcemap: false,
    // Modules are strict code by themselves, scripts are not: functions that are not can be asked for their arguments.
    banner: '"use strict";',
  })
  return code
}

const state: { payload: Promise<Payload> | null } = { payload: null }

/** The programs, made once. */
export async function loadPayload(): Promise<Payload> {
  state.payload ??= Promise.all([script('child', 'cjs'), script('lockdown', 'iife')]).then(
    ([child, lockdown]) => ({
      child,
      lockdown,
    }),
  )
  return state.payload
}
