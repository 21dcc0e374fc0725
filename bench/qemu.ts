// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process'
import { heading, line, ratio, time } from './measure.ts'
import { playedOnce } from './runs.ts'

/** A real kernel to hold the models against. */
export interface RealKernel {
  readonly qemu: string
  /** A kernel for a ppc64 pseries machine. */
  readonly kernel: string
  /** A root file system whose init plays the scenario that `pfo.scenario=` on the command line names, and powers off. */
  readonly initrd: string | undefined
}

/** Without a program to run, a kernel that is done booting says one of these. */
const booted = /Run \/\S+ as init process|Kernel panic - not syncing|Unable to mount root fs/

/** Longest that a kernel is waited for, in ms. */
const patience = 600_000

/** Boots the kernel for one scenario; in ms by the clock. */
async function boot({ qemu, kernel, initrd }: RealKernel, scenario: string): Promise<number> {
  const rootfs = initrd === undefined ? [] : ['-initrd', initrd]
  const append = `console=hvc0 panic=-1 pfo.scenario=${scenario}`
  const args = ['-M', 'pseries', '-m', '1G', '-nographic', '-no-reboot', '-nodefaults', '-serial', 'stdio']
  const start = performance.now()
  const child = spawn(qemu, [...args, '-kernel', kernel, ...rootfs, '-append', append], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  const ready = { at: null as number | null }
  child.stdout.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString('latin1')).slice(-65_536)
    if (initrd !== undefined || ready.at !== null || !booted.test(said)) return
    ready.at = performance.now()
    child.kill()
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), patience)
  try {
    await new Promise((resolve, reject) => {
      child.once('error', reject).once('exit', resolve)
    })
  } finally {
    clearTimeout(timer)
  }
  const took = (ready.at ?? performance.now()) - start
  if (took >= patience) throw new Error(`${kernel} did not come to its end in ${time(patience)}`)
  if (!/Linux version/.test(said)) throw new Error(`${kernel} did not boot: ${said.slice(-500)}`)
  return took
}

/** What a scenario takes on the models, and on a real kernel under QEMU: each begins with the boot of a machine. */
export async function benchQemu(real: RealKernel): Promise<void> {
  const what = real.initrd === undefined ? 'booted only, as there is no --initrd' : 'booted and played'
  heading(`A real kernel (${what})`, 'kernel', 'models', 'ratio')
  for (const { scenario, wall } of await playedOnce()) {
    const kernel = await boot(real, scenario)
    line(scenario, time(kernel), time(wall), ratio(kernel, wall))
  }
}
