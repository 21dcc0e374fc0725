// SPDX-License-Identifier: GPL-2.0-only
// Answers reviewers' questions about 6.1 by running its own C code. docs/kernel-6.1.md has the answers in words.
import { edited } from '@pfo-workbench/engine-c'
import { readText, withTexts, type KernelTree } from '@pfo-workbench/kernel-tree'
import { examine } from '@pfo-workbench/oracle'
import { playScenario, type Boot } from '@pfo-workbench/play'
import type { RunRecord, Scenario, Step } from '@pfo-workbench/run'
import { beforeAll, describe, expect, it } from 'vitest'
import { observerRoots, observerSource } from '../src/kernel/own-source.ts'
import { treeOfVariant } from '../src/kernel/recorded-patches.ts'
import { bootTree, findRealKernel } from './support/real-kernel.ts'

const real = await findRealKernel('Questions about 6.1 are', '6.1')

async function boot(tree: KernelTree): Promise<Boot> {
  if (real === null) throw new Error('there is no kernel')
  return bootTree(tree, real, { source: observerSource, roots: observerRoots })
}

type Steps = readonly [Step, ...Step[]]

function play(boot: Boot, ...steps: Steps): RunRecord {
  return playOn({ config: {}, devicetree: null }, boot, ...steps)
}

function playOn(machine: Scenario['machine'], boot: Boot, ...steps: Steps): RunRecord {
  const scenario = { id: 'question', title: 'A question', machine, steps: [...steps] as [Step, ...Step[]] }
  return playScenario({ scenario, trace: false }, boot)
}

/** Findings of the oracles as `oracle subject`. */
const found = (run: RunRecord): string[] => examine(run).map(({ oracle, subject }) => `${oracle} ${subject}`)

/** State and counter of a node at the end of the run. */
function nodeIn(run: RunRecord, path: string, generation = 0): unknown {
  const node = run.steps.at(-1)?.after.nodes.find((one) => one.path === path && one.generation === generation)
  return node === undefined ? null : { life: node.life, refcount: node.refcount }
}

const load: Step = { load: ['pseries_rng', 'nx_compress_pseries', 'nx_crypto'] }
const random = '/ibm,platform-facilities/ibm,random-v1'
const add = (path: string): string => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return `add_node ${path} name ${String(name.length + 1)} ${name}\0`
}

describe.runIf(real !== null)(
  '6.1: of_node_put() after of_detach_node() in pSeries_reconfig_remove_node()',
  () => {
    const reconfig = 'arch/powerpc/platforms/pseries/reconfig.c'
    let stock: Boot
    let putting: Boot
    let puttingTwice: Boot
    beforeAll(async () => {
      if (real === null) return
      const { tree } = real
      const source = (await readText(tree, reconfig)) ?? ''
      const withPuts = (lines: string): KernelTree => {
        const at = { function: 'pSeries_reconfig_remove_node', statement: /\tof_detach_node\(np\);\n/ }
        return withTexts(tree, new Map([[reconfig, edited(source, { place: 'after', at, lines })]]))
      }
      stock = await boot(tree)
      putting = await boot(withPuts('\tof_node_put(np);\n'))
      puttingTwice = await boot(withPuts('\tof_node_put(np);\n\tof_node_put(np);\n'))
    }, 600_000)

    const damage = /^(use-after-free|refcount|oops|double-free) /

    it.each([['/test'], ['/vdevice/l-lan@30000002']])(
      'frees each added node; without it the nodes leak: %s',
      (path) => {
        const twice: Step = { ofdt: [add(path), `remove_node ${path}`, add(path), `remove_node ${path}`] }
        const [without, withPut] = [play(stock, twice), play(putting, twice)]
        for (const generation of [0, 1]) {
          expect(nodeIn(without, path, generation)).toEqual({ life: 'allocated', refcount: 1 })
          expect(nodeIn(withPut, path, generation)).toEqual({ life: 'freed', refcount: 0 })
        }
        expect(found(without)).toEqual([expect.stringContaining('leak'), expect.stringContaining('leak')])
        expect(found(withPut)).toEqual([])
      },
    )

    it('frees a node on which the function took another reference before, as the parent of a node', () => {
      const commands = [add('/test'), add('/test/below'), 'remove_node /test/below', 'remove_node /test']
      const steps = commands.map((command): Step => ({ ofdt: [command] })) as unknown as Steps
      const ways: readonly Steps[] = [steps, [{ ofdt: commands }]]
      for (const played of ways) {
        expect(found(play(stock, ...played))).toEqual([
          'leak /test[0] held by of_node_init',
          'leak /test/below[0] held by of_node_init',
        ])
        expect(found(play(putting, ...played))).toEqual([])
        const twice = found(play(puttingTwice, ...played))
        for (const path of ['/test[0]', '/test/below[0]'])
          expect(twice).toContainEqual(expect.stringContaining(`use-after-free ${path}`))
      }
    })

    it('keeps the reference of the device to a boot node, bound or not, and causes no use after free', () => {
      const steps: Step[] = [
        { ofdt: [`remove_node ${random}`] },
        { read: ['/sys/devices/vio/ibm,random-v1/devspec', '/sys/devices/vio/ibm,random-v1/modalias'] },
      ]
      const bound = play(putting, load, ...steps, { unload: ['pseries_rng'] })
      const unbound = play(putting, { lookup: [random] }, ...steps)
      for (const run of [bound, unbound]) {
        expect(run.outcome).toBe('completed')
        expect(nodeIn(run, random)).toEqual({ life: 'allocated', refcount: 1 })
        expect(found(run).filter((one) => damage.test(one))).toEqual([])
      }
      expect(nodeIn(play(stock, ...(steps as unknown as Steps)), random)).toEqual({
        life: 'allocated',
        refcount: 2,
      })
    })

    it('keeps the references of device and aliases to the node of a bound virtual device below /vdevice', () => {
      const vty = '/vdevice/vty@71000000'
      const run = play(
        putting,
        { ofdt: [`remove_node ${vty}`] },
        { read: ['/sys/devices/vio/71000000/devspec'] },
      )
      expect(run.steps[0]?.after.vio.find(({ device }) => device === '71000000')?.driver).toBe('hvc_console')
      expect(nodeIn(run, vty)).toEqual({ life: 'allocated', refcount: 2 })
      expect(found(run).filter((one) => damage.test(one))).toEqual([])
    })

    it.each([['nvram@71000001'], ['v-scsi@71000002']])(
      'keeps the reference of the device to the node of an unbound virtual device below /vdevice: %s',
      (name) => {
        const path = `/vdevice/${name}`
        const device = name.slice(name.indexOf('@') + 1)
        const remove: Steps = [
          { ofdt: [`remove_node ${path}`] },
          { read: [`/sys/devices/vio/${device}/devspec`] },
        ]
        const [without, withPut] = [play(stock, ...remove), play(putting, ...remove)]
        const atBoot = withPut.steps[0]?.after.vio.find((one) => one.device === device)
        expect(atBoot).toMatchObject({ driver: null })
        expect(nodeIn(without, path)).toEqual({ life: 'allocated', refcount: 2 })
        expect(nodeIn(withPut, path)).toEqual({ life: 'allocated', refcount: 1 })
        expect(found(withPut).filter((one) => damage.test(one))).toEqual([])
      },
    )

    it('balances references of a boot node that is added again and removed again through ofdt', () => {
      const run = play(putting, load, {
        ofdt: [`remove_node ${random}`, add(random), `remove_node ${random}`],
      })
      expect(nodeIn(run, random, 1)).toEqual({ life: 'freed', refcount: 0 })
      expect(found(run).filter((one) => damage.test(one))).toEqual([])
    })
  },
)

describe.runIf(real !== null)('6.1 still', () => {
  let stock: Boot
  let unfixed: Boot
  beforeAll(async () => {
    if (real === null) return
    const { tree } = real
    stock = await boot(tree)
    unfixed = await boot(await treeOfVariant('unfixed', tree, null))
  }, 600_000)
  const onStock = (...steps: Steps): string[] => found(play(stock, ...steps))
  const single: Step = { migrate: { readd: 'hierarchy' } }

  it('leaks nodes that are removed through ofdt', () => {
    expect(onStock({ ofdt: [`remove_node ${random}`] })).toContainEqual(
      expect.stringContaining(`leak ${random}[0] held by of_node_init`),
    )
  })

  it('loses the counters of nx842 when its module is unloaded', () => {
    expect(onStock(load, { unload: ['nx_compress_pseries'] })).toContainEqual(
      expect.stringContaining('memory-leak ibm_nx842_counters allocated by nx842_probe'),
    )
  })

  it('misses property updates in nx842', () => {
    const node = '/ibm,platform-facilities/ibm,compression-v1'
    const run = onStock(load, {
      update: { node, property: 'ibm,max-sg-len', value: [0x800], by: 'migration' },
    })
    expect(run).toContainEqual(expect.stringContaining('missed-update ibm,compression-v1'))
  })

  it('sleeps in atomic context in nx842_remove()', () => {
    expect(onStock(load, { unload: ['nx_compress_pseries'] })).toContainEqual(
      expect.stringContaining('sleep-in-atomic blocking_notifier_chain_unregister'),
    )
  })

  it('keeps the device in nx-crypto after unbind, so that it cannot be bound again', () => {
    const file = (name: string): string => `/sys/bus/vio/drivers/nx-crypto/${name}`
    const device = 'ibm,sym-encryption-v1'
    const run = play(
      stock,
      load,
      { write: { path: file('unbind'), data: device } },
      { write: { path: file('bind'), data: device } },
    )
    expect(run.steps.at(-1)?.after.vio.find((one) => one.device === device)?.driver).toBeNull()
    expect(run.console.join('\n')).toContain('Attempt to register more than one instance')
    expect(found(run)).toContain(`lost-device ${device}`)
  })

  it('renames facilities that firmware adds node by node, because it ignored the removal of the old ones', () => {
    expect(onStock(load, { migrate: { readd: 'per-node' } })).toContainEqual(
      expect.stringContaining('duplicate-name '),
    )
    expect(onStock(load, single)).toEqual([])
  })

  it('loses and leaks children of an ADD if it does not ignore the facilities', () => {
    const run = found(play(unfixed, load, single))
    expect(run).toContainEqual(expect.stringContaining(`lost-node ${random}`))
    expect(run).toContainEqual(expect.stringContaining(`leak ${random}[1] held by of_node_init`))
  })

  it('takes references on a released parent when devspec is read', () => {
    const read: Step = { read: ['/sys/devices/vio/ibm,random-v1/devspec'] }
    expect(found(play(unfixed, load, single, read))).toContainEqual(
      expect.stringContaining('refcount /ibm,platform-facilities[0]'),
    )
  })

  it('deadlocks with the VIO notifier while nx842 is bound, and does not find the device with the longest name', async () => {
    if (real === null) return
    const { tree } = real
    const notifier = await boot(await treeOfVariant('unfixed+vio-notifier', tree, null))
    expect(found(play(notifier, load, single))).toContainEqual(
      expect.stringContaining('deadlock of_reconfig_chain'),
    )
    const others = play(notifier, { load: ['pseries_rng', 'nx_crypto'] }, single)
    expect(others.outcome).toBe('completed')
    const left = others.steps.at(-1)?.after.vio.map(({ device }) => device)
    expect(left).toContain('ibm,sym-encryption-v1')
    expect(left).not.toContain('ibm,random-v1')
  }, 600_000)
})

/** The worst finding of a proposal for each way in which firmware adds the nodes; null if there is no finding. */
interface Answer {
  readonly proposal: string
  readonly hierarchy: RegExp | null
  readonly perNode: RegExp
}

/** For 6.1 as it is: migrations ignore the facilities since 319fa1a52e43 (v5.16). */
const ignoring: readonly Answer[] = [
  { proposal: 'wipe', hierarchy: null, perNode: /^duplicate-name / },
  { proposal: 'name40', hierarchy: null, perNode: /^duplicate-name / },
  { proposal: 'vio-notifier', hierarchy: null, perNode: /^duplicate-name .*devices\/vio/ },
  { proposal: 'vio-notifier-wq', hierarchy: null, perNode: /^duplicate-name .*devices\/vio/ },
]

/** For 6.1 with 319fa1a52e43 reverted. */
const notIgnoring: readonly Answer[] = [
  { proposal: 'wipe', hierarchy: /^broken-sysfs .*\/name$/, perNode: /^broken-sysfs .*\/name$/ },
  { proposal: 'name40', hierarchy: /^lost-node /, perNode: /^stale-device / },
  {
    proposal: 'vio-notifier',
    hierarchy: /^deadlock of_reconfig_chain/,
    perNode: /^deadlock of_reconfig_chain/,
  },
  // vio_unregister_device() reads the device after device_unregister() freed it.
  {
    proposal: 'vio-notifier-wq',
    hierarchy: /^use-after-free device ibm,random-v1/,
    perNode: /^use-after-free device ibm,random-v1/,
  },
]

describe.runIf(real !== null).each([
  { kernel: 'which ignores the facilities', before: '', answers: ignoring },
  { kernel: 'if it did not ignore the facilities', before: 'unfixed+', answers: notIgnoring },
])('6.1, $kernel, and a proposal of the thread', ({ before, answers }) => {
  it.each(answers)(
    '$proposal: one migration for each way in which firmware adds the nodes',
    async ({ proposal, hierarchy, perNode }) => {
      if (real === null) return
      const patched = await boot(await treeOfVariant(`${before}${proposal}`, real.tree, null))
      const after = (readd: 'hierarchy' | 'per-node'): string[] =>
        found(play(patched, load, { migrate: { readd } }))
      if (hierarchy === null) expect(after('hierarchy')).toEqual([])
      else expect(after('hierarchy')).toContainEqual(expect.stringMatching(hierarchy))
      expect(after('per-node')).toContainEqual(expect.stringMatching(perNode))
    },
    600_000,
  )
})

describe.runIf(real !== null)('6.1: a processor that cannot be attached', () => {
  it('stays in the tree although it is freed, and so do all other processors that were added', async () => {
    if (real === null) return
    const add = (index: number): Step => ({
      write: { path: '/sys/kernel/dlpar', data: `cpu add index 0x1000000${String(index)}` },
    })
    const machine = { config: {}, devicetree: null, partition: { spareProcessors: 4 } }
    // The kernel has numbers for four processors, and one processor is running. So the fourth processor that is added
    // gets no number.
    const run = playOn(machine, await boot(real.tree), add(1), add(2), add(3), add(4), {
      lookup: ['/cpus/none'],
    })
    expect(run.steps[4]?.result).toEqual({ kind: 'write', errno: -28 })
    const added = run.steps[4]?.after.nodes.filter(
      ({ path, life }) => path.startsWith('/cpus/') && life === 'freed',
    )
    expect(added).toHaveLength(4)
    expect(found(run)).toContainEqual(expect.stringMatching(/^oops /))
  }, 600_000)
})
