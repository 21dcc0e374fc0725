// SPDX-License-Identifier: GPL-2.0-only

/** `npm run bench`: measures the workbench on this machine. All ratios compare values from the same run. */
import { cpus, loadavg, release, totalmem, type } from 'node:os'
import { parseArgs } from 'node:util'
import { messageOf } from '@pfo-workbench/errors'
import { benchCompare } from './compare.ts'
import { benchKernelTree } from './kernel-tree.ts'
import { benchQemu } from './qemu.ts'
import { benchCells, benchMemory, benchRuns } from './runs.ts'

const usage = `npm run bench -- [--runs N] [--no-compare] [--tree DIR] [--kernel FILE [--qemu PROGRAM] [--initrd FILE]]

  --runs N         runs over which memory is looked at (10000)
  --no-compare     leave the default comparison out, which takes the longest
  --tree DIR       sources of a kernel, on which C patches are played (or PFO_KERNEL)
  --kernel FILE    a kernel for a ppc64 pseries machine, to be booted for each scenario (or PFO_BENCH_KERNEL)
  --qemu PROGRAM   what boots it (qemu-system-ppc64, or PFO_BENCH_QEMU)
  --initrd FILE    its init plays the scenario that pfo.scenario= names and powers off (or PFO_BENCH_INITRD);
                   without one only the boot is measured
`

interface Options {
  readonly runs: string
  readonly 'no-compare': boolean
  readonly tree?: string
  readonly kernel?: string
  readonly qemu?: string
  readonly initrd?: string
  readonly help: boolean
}

function optionsOf(args: string[]): Options {
  return parseArgs({
    args,
    options: {
      runs: { type: 'string', default: '10000' },
      'no-compare': { type: 'boolean', default: false },
      tree: { type: 'string' },
      kernel: { type: 'string' },
      qemu: { type: 'string' },
      initrd: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  }).values
}

function describeMachine(): void {
  const processors = cpus()
  console.log(
    `${String(processors.length)} x ${processors[0]?.model.trim() ?? 'unknown processor'}, ` +
      `${(totalmem() / 2 ** 30).toFixed(1)} GiB, ${type()} ${release()}, Node ${process.versions.node}`,
  )
  const [load = 0] = loadavg()
  const busy = load > 0.5 ? ': it is busy, so times by the clock say little' : ''
  console.log(`Load when this began: ${load.toFixed(2)}${busy}`)
}

async function main(args: string[]): Promise<number> {
  let options: Options
  try {
    options = optionsOf(args)
  } catch (fault) {
    console.error(`${messageOf(fault)}\n\n${usage}`)
    return 2
  }
  const runs = Number(options.runs)
  if (options.help) {
    console.log(usage)
    return 0
  }
  if (!Number.isInteger(runs) || runs < 10) {
    console.error(`--runs takes a whole number from 10, not "${options.runs}"\n\n${usage}`)
    return 2
  }
  describeMachine()
  await benchRuns()
  await benchCells()
  benchMemory(runs)
  if (!options['no-compare']) await benchCompare()
  const { env } = process
  const tree = options.tree ?? env['PFO_KERNEL']
  if (tree === undefined)
    console.log('\nC patches: left out. --tree DIR, or PFO_KERNEL, names sources of a kernel')
  else await benchKernelTree(tree)
  const kernel = options.kernel ?? env['PFO_BENCH_KERNEL']
  if (kernel === undefined) {
    console.log(
      '\nA real kernel under QEMU: left out. --kernel FILE, or PFO_BENCH_KERNEL, names one (--help)',
    )
  } else {
    const qemu = options.qemu ?? env['PFO_BENCH_QEMU'] ?? 'qemu-system-ppc64'
    await benchQemu({ qemu, kernel, initrd: options.initrd ?? env['PFO_BENCH_INITRD'] })
  }
  return 0
}

process.exitCode = await main(process.argv.slice(2))
