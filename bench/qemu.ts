// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process'
import { heading, line, ratio, time } from './measure.ts'
import { playedOnce } from './runs.ts'

/** A real kernel to compare the models with. */
export interface RealKernel {
  readonly qemu: string
  /** A kernel for a ppc64 pseries machine. */
  readonly kernel: string
  /** Root file system whose init plays the scenario in `pfo.scenario=` on the command line and then powers off. */
  readonly initrd: string | undefined
}

/** A kernel without an init program prints one of these lines when its boot is complete. */
const booted = /Run \/\S+ as init process|Kernel panic - not syncing|Unable to mount root fs/

/** Timeout for a kernel, in ms. */
const patience = 600_000

/** Boots the kernel for one scenario. Returns the wall-clock time in ms. */
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

/** Measures each scenario on the models and on a real kernel under QEMU. Both times include the boot. */
export async function benchQemu(real: RealKernel): Promise<void> {
  const what = real.initrd === undefined ? 'booted only, as there is no --initrd' : 'booted and played'
  heading(`A real kernel (${what})`, 'kernel', 'models', 'ratio')
  for (const { scenario, wall } of await playedOnce()) {
    const kernel = await boot(real, scenario)
    line(scenario, time(kernel), time(wall), ratio(kernel, wall))
  }
}
