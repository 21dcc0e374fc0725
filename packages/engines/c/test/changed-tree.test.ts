// SPDX-License-Identifier: GPL-2.0-only
// Kernels are refactored all the time. The engine must not depend on the location of a function or on the name of a
// static function.
import { readText, withTexts, type KernelTree } from '@pfo-workbench/kernel-tree'
import { playScenario, type Boot } from '@pfo-workbench/play'
import type { RunRecord, Step } from '@pfo-workbench/run'
import { describe, expect, it } from 'vitest'
import { bootTree, findRealKernel } from './support/real-kernel.ts'

const real = await findRealKernel('A changed tree is')

async function boot(tree: KernelTree): Promise<Boot> {
  if (real === null) throw new Error('there is no kernel')
  return bootTree(tree, real)
}

const modules = ['pseries_rng', 'nx_compress_pseries', 'nx_crypto']
const random = '/ibm,platform-facilities/ibm,random-v1'

function play(boot: Boot, ...more: Step[]): RunRecord {
  const steps: [Step, ...Step[]] = [
    { load: modules },
    { migrate: { readd: 'hierarchy' } },
    { ofdt: [`remove_node ${random}`] },
    ...more,
  ]
  const machine = { config: {}, devicetree: null }
  return playScenario({ scenario: { id: 'test', title: 'A test', machine, steps }, trace: true }, boot)
}

/** The events of a run, without locations. */
function happened({ outcome, console, events, steps }: RunRecord): unknown {
  return {
    outcome,
    // Line numbers move with the code.
    console: console.map((line) => line.replace(/\.c:\d+/, '.c')),
    events: events.map(({ chain: _chain, ...event }) => ('line' in event ? { ...event, line: 0 } : event)),
    states: steps.map(({ after }) => after),
  }
}

async function textOf(path: string): Promise<string> {
  const text = real === null ? null : await readText(real.tree, path)
  if (text === null) throw new Error(`there is no ${path}`)
  return text
}

/** The tree with other texts. */
function changed(texts: Readonly<Record<string, string>>): KernelTree {
  if (real === null) throw new Error('there is no tree')
  return withTexts(real.tree, new Map(Object.entries(texts)))
}

const pseries = 'arch/powerpc/platforms/pseries'

/** Our own code, not taken from the kernel. */
const driver = `#include <linux/module.h>
#include <asm/vio.h>

/* The host replaces a function of this name. */
static int dlpar_cpu(int number)
{
	return number + 1;
}

/* The engine watches a function of this name. */
static int add_dt_node(int number)
{
	return number + 2;
}

static int sample_probe(struct vio_dev *vdev, const struct vio_device_id *id)
{
	dev_info(&vdev->dev, "a sample %d\\n", add_dt_node(dlpar_cpu(1)));
	return 0;
}

static const struct vio_device_id sample_ids[] = {
	{ "ibm,compression-v1", "ibm,compression" },
	{ "", "" },
};

static struct vio_driver sample_driver = {
	.id_table = sample_ids,
	.probe = sample_probe,
	.name = "sample",
};

static int __init sample_init(void)
{
	return vio_register_driver(&sample_driver);
}

static void __exit sample_exit(void)
{
	vio_unregister_driver(&sample_driver);
}

module_init(sample_init);
module_exit(sample_exit);
MODULE_LICENSE("GPL");
`

const unchanged = real === null ? null : play(await boot(real.tree))

describe.runIf(real !== null)('a run is the same on a tree', () => {
  it('with renamed static functions', async () => {
    const vio = await textOf(`${pseries}/vio.c`)
    const reconfig = await textOf(`${pseries}/reconfig.c`)
    const booted = await boot(
      changed({
        [`${pseries}/vio.c`]: vio.replaceAll('vio_bus_scan_register_devices', 'vio_scan'),
        [`${pseries}/reconfig.c`]: reconfig.replaceAll('do_remove_node', 'remove_one'),
      }),
    )
    const run = play(booted)
    expect(happened(run)).toEqual(happened(unchanged ?? run))
    expect(run.events.flatMap(({ chain }) => chain).some((frame) => frame.function === 'vio_scan')).toBe(true)
  }, 600_000)

  it('with a function moved to another file', async () => {
    const [dlpar, mobility] = [await textOf(`${pseries}/dlpar.c`), await textOf(`${pseries}/mobility.c`)]
    const [moved] = /^int dlpar_detach_node\([^]*?\n\}\n/m.exec(dlpar) ?? ['']
    expect(moved).not.toBe('')
    const booted = await boot(
      changed({
        [`${pseries}/dlpar.c`]: dlpar.replace(moved, ''),
        [`${pseries}/mobility.c`]: `${mobility}\n${moved}`,
      }),
    )
    const run = play(booted)
    expect(happened(run)).toEqual(happened(unchanged ?? run))
  }, 600_000)

  it('with an additional driver, which can be loaded', async () => {
    const makefile = await textOf('drivers/crypto/nx/Makefile')
    const booted = await boot(
      changed({
        'drivers/crypto/nx/Makefile': `${makefile}\nobj-$(CONFIG_CRYPTO_DEV_NX_COMPRESS_PSERIES) += sample.o\n`,
        'drivers/crypto/nx/sample.c': driver,
      }),
    )
    const run = play(booted)
    expect(happened(run)).toEqual(happened(unchanged ?? run))
    const loaded = play(booted, { unload: ['nx_compress_pseries'] }, { load: ['sample'] })
    expect(loaded.steps.at(-1)?.result).toMatchObject({ modules: [{ module: 'sample', errno: 0 }] })
    expect(loaded.console.join('\n')).toContain('sample ibm,compression-v1: a sample 4')
    const entries = ({ events }: RunRecord): number =>
      events.filter(({ type }) => type === 'mobility.entry').length
    expect(entries(run)).toBeGreaterThan(0)
    expect(entries(loaded)).toBe(entries(run))
  }, 600_000)
})
