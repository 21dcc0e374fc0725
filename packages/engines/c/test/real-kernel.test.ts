// SPDX-License-Identifier: GPL-2.0-only
import { userProfile } from '@pfo-workbench/kbuild'
import { isAtLeast, readText } from '@pfo-workbench/kernel-tree'
import { playScenario, type Boot } from '@pfo-workbench/play'
import { Partition } from '@pfo-workbench/powervm'
import type { RunRecord, Scenario, Step } from '@pfo-workbench/run'
import { describe, expect, it } from 'vitest'
import { bootOf, BootedCKernel } from '../src/index.ts'
import { findRealKernel, imageOf, realm } from './support/real-kernel.ts'

const real = await findRealKernel('Tests of the C engine on a real kernel are')

const load: Step = { load: ['pseries_rng', 'nx_compress_pseries', 'nx_crypto'] }
const hierarchy: Step = { migrate: { readd: 'hierarchy' } }
const perNode: Step = { migrate: { readd: 'per-node' } }

function scenario(...steps: readonly [Step, ...Step[]]): Scenario {
  return { id: 'test', title: 'A test', machine: { config: {}, devicetree: null }, steps: [...steps] }
}

/** The results of the steps of a run, without the reason for a failure. */
const results = (run: RunRecord): unknown[] => run.steps.map(({ result }) => result)

if (real !== null) {
  const { tree } = real
  const { image, release } = await imageOf(tree, real)
  const boot: Boot = bootOf({ image, release, webAssembly: realm })
  const play = (...steps: readonly [Step, ...Step[]]): RunRecord =>
    playScenario({ scenario: scenario(...steps), trace: false }, boot)
  /** Since v5.16 the kernel ignores firmware's request to replace the facilities. */
  const ignores = isAtLeast(tree.version, [5, 16])

  describe(`${tree.title} in the C engine`, () => {
    it("boots and migrates with the tree's own configuration of a big-endian server", async () => {
      const file = 'arch/powerpc/configs/ppc64_defconfig'
      const request = userProfile((await readText(tree, file)) ?? '', file)
      expect(request.architecture).toBe('powerpc64')
      const big = await imageOf(tree, { ...real, request })
      const job = { scenario: scenario(load, hierarchy), trace: false }
      const run = playScenario(job, bootOf({ ...big, webAssembly: realm }))
      expect(run.outcome).toBe('completed')
      // The runtime power management of this kernel counts users, so it runs as C.
      const runtime = 'drivers/base/power/runtime.c'
      expect(big.image.functions.some(({ file, inline }) => file === runtime && !inline)).toBe(true)
      expect(run.assumed.filter((name) => /pm_|debugfs|sysctl|pernet/.test(name))).toEqual([])
      expect(run.steps.at(-1)?.after.vio.flatMap(({ driver }) => driver ?? [])).toEqual(
        expect.arrayContaining(['pseries_rng', 'nx_compress_pseries', 'nx-crypto']),
      )
      expect(run.console.join('\n')).not.toContain('bogus')
    }, 600_000)

    it('plays each run the same, whichever was played before it', () => {
      const node = '/ibm,platform-facilities/ibm,compression-v1'
      const update: Step = { update: { node, property: 'status', value: 'disabled', by: 'prrn' } }
      const jobs = [[load], [update], [load, hierarchy], [load, perNode, perNode], [update, load]].flatMap(
        (steps) =>
          [true, false].map((trace) => ({ scenario: scenario(...(steps as [Step, ...Step[]])), trace })),
      )
      const again = bootOf({ image, release, webAssembly: realm })
      const forwards = jobs.map((job) => JSON.stringify(playScenario(job, boot)))
      const backwards = jobs.toReversed().map((job) => JSON.stringify(playScenario(job, again)))
      expect(backwards.toReversed()).toEqual(forwards)
    })

    it('is translated except for known functions, which no scenario reaches', () => {
      // Since v6.12 this function uses overflow-checked arithmetic of 65 bits, which is not translated.
      const known = new Set(['__of_address_resource_bounds'])
      expect(image.untranslated.filter(({ function: name }) => !known.has(name))).toEqual([])
    })

    it('has a function for each watch', () => {
      const kernel = boot({
        config: {},
        partition: new Partition(),
        backgroundEvents: true,
      })
      if (!(kernel instanceof BootedCKernel)) throw new Error('another kind of kernel')
      expect(kernel.machine.watches.unmatched).toEqual([])
    })

    it('boots, and knows the facilities of firmware', () => {
      const run = play({ lookup: ['/ibm,platform-facilities/ibm,random-v1', 0xfffffff5] })
      expect(run.outcome).toBe('completed')
      expect(run.steps[0]?.after.vio.map(({ device }) => device)).toEqual(
        expect.arrayContaining(['ibm,random-v1', 'ibm,compression-v1', 'ibm,sym-encryption-v1']),
      )
      expect(results(run)[1]).toMatchObject({ lookups: [{ found: true }, { found: true }] })
    })

    it('binds drivers to them, which register their services', () => {
      const run = play(load)
      expect(run.steps.at(-1)?.after.vio.filter(({ driver }) => driver !== null)).toHaveLength(3)
      const services = run.events.filter((event) => event.type === 'service.register')
      expect(services).toEqual(expect.arrayContaining([expect.objectContaining({ service: 'hwrng' })]))
    })

    it('loads a module again after unloading it', () => {
      const run = play(
        load,
        { unload: ['nx_crypto'] },
        { load: ['nx_crypto'] },
        { load: ['nx_crypto', 'none'] },
      )
      expect(results(run).slice(2)).toMatchObject([
        { modules: [{ errno: 0 }] },
        { modules: [{ errno: 0 }] },
        { modules: [{ errno: -17 }, { errno: -2 }] },
      ])
    })

    it('migrates as its mobility.c does', () => {
      const run = play(load, hierarchy, hierarchy)
      expect(run.outcome).toBe('completed')
      const detached = run.events.filter((event) => event.type === 'node.detach')
      expect(detached.length > 0).toBe(!ignores)
      const complaints = run.events.filter((event) => event.type === 'warn')
      expect(complaints.length > 0).toBe(!ignores)
    })

    it('crashes on a second generation of nodes that firmware adds one by one, unless it ignores them', () => {
      expect(play(load, perNode, perNode).outcome).toBe(ignores ? 'completed' : 'oops')
    })

    it('removes and adds nodes through /proc/powerpc/ofdt', () => {
      const run = play(load, {
        ofdt: [
          'remove_node /ibm,platform-facilities/ibm,random-v1',
          'add_node /ibm,platform-facilities/ibm,random-v1 name 14 ibm,random-v1\0 ibm,phandle 4 \xff\xff\xff\xf5',
        ],
      })
      expect(results(run)[2]).toMatchObject({ writes: [{ errno: 0 }, { errno: 0 }] })
      const types = run.events.map(({ type }) => type)
      expect(types).toEqual(expect.arrayContaining(['node.detach', 'node.attach', 'notifier.call']))
    })

    it('reads files of sysfs', () => {
      const run = play({
        read: ['/sys/devices/vio/ibm,random-v1/devspec', '/sys/devices/vio/none', '/sys/devices/vio'],
      })
      expect(results(run)[1]).toMatchObject({
        files: [{ content: '/ibm,platform-facilities/ibm,random-v1\n' }, { errno: -2 }, { errno: -21 }],
      })
    })

    it('fails one allocation on request', () => {
      const run = play({ fail: { allocation: 1, in: 'dlpar_configure_connector' } }, perNode)
      expect(run.events.filter((event) => event.type === 'alloc.failed')).toHaveLength(1)
      expect(
        run.steps.at(-1)?.failure?.chain?.some((frame) => frame.function === 'dlpar_configure_connector'),
      ).toBe(true)
    })

    it('plays the same each time', () => {
      const [first, second] = [play(load, hierarchy), play(load, hierarchy)].map((run) => JSON.stringify(run))
      expect(second).toBe(first)
    })

    it('gives each call chain with file and line', () => {
      const run = play(load, perNode)
      const chains = run.events.filter((event) => event.type === 'ref.get').map(({ chain }) => chain)
      expect(chains.length).toBeGreaterThan(0)
      expect(chains.flat().every(({ file, line }) => file !== undefined && (line ?? 0) > 0)).toBe(true)
    })
  })
} else {
  describe.skip('A real kernel in the C engine', () => {
    it('is skipped without clang, or if PFO_KERNEL names no tree', () => undefined)
  })
}
