// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clang, findClang } from '@pfo-workbench/clang'
import { bootOf, makeKernelImage, type BootParts } from '@pfo-workbench/engine-c'
import { openKernelTree } from '@pfo-workbench/kernel-tree'
import { examine } from '@pfo-workbench/oracle'
import { playScenario } from '@pfo-workbench/play'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { heading, line, measure, ratio, time } from './measure.ts'

/** The installed command. This file is built one folder deeper than its source. */
const pfo = join(import.meta.dirname, '../../apps/workbench/bin/pfo.js')

/** A file that exists in every tree, and a call in it. The patch adds a line after the call. */
const patched = { path: 'arch/powerpc/platforms/pseries/reconfig.c', call: '\tof_detach_node(np);' }

async function compare(tree: string, cache: string, patches: readonly string[]): Promise<void> {
  const env = { ...process.env, XDG_CACHE_HOME: cache }
  const args = [pfo, 'compare', '--kernel', tree, '--format', 'json', ...patches]
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  if (code !== 0) throw new Error(`pfo compare ended with ${String(code)}`)
}

/** Creates a patch that adds one statement to the tree's own source. */
async function makePatch(tree: string, folder: string): Promise<string> {
  const { path, call } = patched
  const lines = (await readFile(join(tree, path), 'utf8')).split('\n')
  const at = lines.indexOf(call)
  if (at < 0) throw new Error(`${path} of ${tree} has no line "${call.trim()}"`)
  // A hunk without context after its change would have to be at the end of the file.
  const context = lines.slice(at, at + 4).map((text) => ` ${text}\n`)
  context.splice(1, 0, '+\tbarrier();\n')
  const file = join(folder, 'bench.patch')
  const head = `From: Bench <bench@example.org>\nSubject: [PATCH] bench\n\n---\n`
  const diff = `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n`
  const hunk = `@@ -${String(at + 1)},4 +${String(at + 1)},5 @@\n${context.join('')}`
  await writeFile(file, head + diff + hunk)
  return file
}

/** Measures a kernel tree with an empty cache, and a patch to the same tree. */
async function benchComparisons(tree: string): Promise<void> {
  heading(`C patches: npx pfo compare --kernel ${tree}`, 'wall', 'CPU', 'ratio')
  const folder = await mkdtemp(join(tmpdir(), 'pfo-bench-'))
  try {
    const cache = join(folder, 'cache')
    const cold = await measure(async () => compare(tree, cache, []))
    line('unpatched, nothing in the cache', time(cold.wall), time(cold.cpu), ratio(1, 1))
    const patch = await makePatch(tree, folder)
    const warm = await measure(async () => compare(tree, cache, [patch]))
    line('a patch of one file', time(warm.wall), time(warm.cpu), ratio(warm.wall, cold.wall))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Measures runs per second of CPU time. Each run starts from the saved boot. */
async function benchKernelRuns(tree: string, rounds: number): Promise<void> {
  heading('A kernel of C played in this process, from the saved boot', 'runs/s CPU', 'one run')
  const cacheFolder = await mkdtemp(join(tmpdir(), 'pfo-bench-'))
  const clang = new Clang(await findClang({ env: process.env }))
  const opened = await openKernelTree(tree, { cacheFolder })
  try {
    const made = await makeKernelImage(opened, { clang, cacheFolder })
    if (made.status !== 'ok') throw new Error(made.failed[0]?.diagnostics)
    // Node's types for this language version do not declare `WebAssembly`.
    const webAssembly = Reflect.get(globalThis, 'WebAssembly') as BootParts['webAssembly']
    const boot = bootOf({ image: made.image, release: made.release, webAssembly })
    const scenario = shippedScenarios().find(({ id }) => id === 'lpm-once-hierarchy')
    if (scenario === undefined) return
    const play = (count: number): void => {
      for (let i = 0; i < count; i++) examine(playScenario({ scenario, trace: false }, boot))
    }
    play(rounds)
    const each = (await measure(() => play(rounds))).cpu / rounds
    line('lpm-once-hierarchy, all oracles', (1000 / each).toFixed(0), time(each))
  } finally {
    await opened.dispose()
    await clang.dispose()
    await rm(cacheFolder, { recursive: true, force: true })
  }
}

/** Measures comparisons and runs on a user's kernel tree. */
export async function benchKernelTree(tree: string): Promise<void> {
  await benchComparisons(tree)
  await benchKernelRuns(tree, 200)
}
