// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { heading, line, measure, ratio, time, type Cost } from './measure.ts'

/** The installed command. This file is built one folder deeper than its source. */
const pfo = join(import.meta.dirname, '../../apps/workbench/bin/pfo.js')

async function compare(cache: string): Promise<void> {
  const env = { ...process.env, XDG_CACHE_HOME: cache }
  const child = spawn(process.execPath, [pfo, 'compare', '--format', 'json'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  if (code !== 0) throw new Error(`pfo compare ended with ${String(code)}`)
}

/** The command works in child processes; only Linux reports their CPU time. */
const cpuOf = ({ cpu }: Cost): string => (process.platform === 'linux' ? time(cpu) : '-')

/** The default comparison, with an empty cache and with a full one. */
export async function benchCompare(): Promise<void> {
  heading('The default comparison: npx pfo compare', 'wall', 'CPU', 'ratio')
  const cache = await mkdtemp(join(tmpdir(), 'pfo-bench-'))
  try {
    const cold = await measure(async () => compare(cache))
    line('nothing in the cache', time(cold.wall), cpuOf(cold), ratio(1, 1))
    const warm = await measure(async () => compare(cache))
    line('the same again', time(warm.wall), cpuOf(warm), ratio(warm.wall, cold.wall))
  } finally {
    await rm(cache, { recursive: true, force: true })
  }
}
