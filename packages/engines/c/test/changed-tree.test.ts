// SPDX-License-Identifier: GPL-2.0-only
// A kernel is refactored all the time: nothing of the engine knows where a function lies or what a static one is called.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clang, ClangError, findClang } from '@pfo-workbench/clang'
import { openKernelTree, readText, withTexts, type KernelTree } from '@pfo-workbench/kernel-tree'
import { playScenario, type Boot } from '@pfo-workbench/play'
import type { RunRecord, Step } from '@pfo-workbench/run'
import { afterAll, describe, expect, it } from 'vitest'
import { bootOf, makeKernelImage } from '../src/index.ts'

const kernel = process.env['PFO_KERNEL'] ?? ''
const compiler = await findClang({ env: process.env }).catch((fault: unknown): null => {
  if (!(fault instanceof ClangError)) throw fault
  return null
})
const folder = mkdtempSync(join(tmpdir(), 'pfo-changed-'))
const cacheFolder = process.env['PFO_TEST_CACHE'] ?? folder
const tree = kernel === '' || compiler === null ? null : await openKernelTree(kernel, { cacheFolder })
if (tree === null) console.info('A changed tree is left out: PFO_KERNEL names no tree, or there is no clang')
afterAll(async () => {
  await tree?.dispose()
  rmSync(folder, { recursive: true, force: true })
})

async function bootTree(of: KernelTree): Promise<Boot> {
  if (compiler === null) throw new Error('there is no clang')
  const clang = new Clang(compiler, {})
  const made = await makeKernelImage(of, { clang, cacheFolder })
  clang.dispose()
  if (made.status !== 'ok') throw new Error(made.failed[0]?.diagnostics)
  const { image, release } = made
  return bootOf({ image, release, webAssembly: WebAssembly })
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

/** What happened, without where. */
function happened({ outcome, console, events, steps }: RunRecord): unknown {
  return {
    outcome,
    // Numbers of lines move with the code.
    console: console.map((line) => line.replace(/\.c:\d+/, '.c')),
    events: events.map(({ chain: _chain, ...event }) => ('line' in event ? { ...event, line: 0 } : event)),
    states: steps.map(({ after }) => after),
  }
}

async function textOf(path: string): Promise<string> {
  const text = tree === null ? null : await readText(tree, path)
  if (text === null) throw new Error(`there is no ${path}`)
  return text
}

/** The tree with other texts. */
function changed(texts: Readonly<Record<string, string>>): KernelTree {
  if (tree === null) throw new Error('there is no tree')
  return withTexts(tree, new Map(Object.entries(texts)))
}

const pseries = 'arch/powerpc/platforms/pseries'

/** Of our own words. */
const driver = `#include <linux/module.h>
#include <asm/vio.h>

static int sample_probe(struct vio_dev *vdev, const struct vio_device_id *id)
{
	dev_info(&vdev->dev, "a sample\\n");
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

const unchanged = tree === null ? null : play(await bootTree(tree))

describe.runIf(tree !== null)('a run is the same on a tree', () => {
  it('where static functions have other names', async () => {
    const vio = await textOf(`${pseries}/vio.c`)
    const reconfig = await textOf(`${pseries}/reconfig.c`)
    const boot = await bootTree(
      changed({
        [`${pseries}/vio.c`]: vio.replaceAll('vio_bus_scan_register_devices', 'vio_scan'),
        [`${pseries}/reconfig.c`]: reconfig.replaceAll('do_remove_node', 'remove_one'),
      }),
    )
    const run = play(boot)
    expect(happened(run)).toEqual(happened(unchanged ?? run))
    expect(run.events.flatMap(({ chain }) => chain).some((frame) => frame.function === 'vio_scan')).toBe(true)
  }, 600_000)

  it('where a function has moved to another file', async () => {
    const [dlpar, mobility] = [await textOf(`${pseries}/dlpar.c`), await textOf(`${pseries}/mobility.c`)]
    const [moved] = /^int dlpar_detach_node\([^]*?\n\}\n/m.exec(dlpar) ?? ['']
    expect(moved).not.toBe('')
    const boot = await bootTree(
      changed({
        [`${pseries}/dlpar.c`]: dlpar.replace(moved, ''),
        [`${pseries}/mobility.c`]: `${mobility}\n${moved}`,
      }),
    )
    const run = play(boot)
    expect(happened(run)).toEqual(happened(unchanged ?? run))
  }, 600_000)

  it('that has a driver more, which can be loaded', async () => {
    const makefile = await textOf('drivers/crypto/nx/Makefile')
    const boot = await bootTree(
      changed({
        'drivers/crypto/nx/Makefile': `${makefile}\nobj-$(CONFIG_CRYPTO_DEV_NX_COMPRESS_PSERIES) += sample.o\n`,
        'drivers/crypto/nx/sample.c': driver,
      }),
    )
    const run = play(boot)
    expect(happened(run)).toEqual(happened(unchanged ?? run))
    const loaded = play(boot, { unload: ['nx_compress_pseries'] }, { load: ['sample'] })
    expect(loaded.steps.at(-1)?.result).toMatchObject({ modules: [{ module: 'sample', errno: 0 }] })
    expect(loaded.console.join('\n')).toContain('sample ibm,compression-v1: a sample')
  }, 600_000)
})
