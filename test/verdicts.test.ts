// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import {
  compare,
  stackOfFile,
  stackOfPatches,
  tally,
  unpatchedTotal,
  variantTotal,
  type Cell,
  type Comparison,
} from '@pfo-workbench/compare'
import { ModelEngine } from '@pfo-workbench/engine-models'
import { toText } from '@pfo-workbench/report'
import type { Scenario } from '@pfo-workbench/run'
import { loadScenario, parseScenario, shippedScenarios } from '@pfo-workbench/scenario'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from './support/workspace.ts'

const engine = new ModelEngine()
afterAll(async () => engine[Symbol.asyncDispose]())

/** Compares each patch on its own. */
async function played(
  patches: readonly string[],
  scenarios: readonly Scenario[],
  interactions = false,
): Promise<Comparison> {
  const stacks = patches.map((file) => stackOfFile(join(root, file), engine))
  return compare({ engine, stacks, scenarios, jobs: 2, interactions })
}

/** Files of the folder of bad patches. */
function badPatches(...ids: readonly string[]): string[] {
  return ids.map((id) => `test/bad-patches/${id}.patch`)
}

function shipped(...ids: readonly string[]): Scenario[] {
  const found = shippedScenarios('all').filter(({ id }) => ids.includes(id))
  expect(found.map(({ id }) => id).sort()).toEqual([...ids].sort())
  return found
}

/** Verdict counts by patch, over all scenarios. */
function totals({ variants, cells }: Comparison) {
  return Object.fromEntries(
    variants.map(({ id, status }) => {
      const own = cells.filter(({ variant }) => variant === id)
      return [id, { status, ...tally(own.flatMap(({ findings }) => findings)) }]
    }),
  )
}

function expectSums({ cells, baseline }: Comparison): void {
  for (const cell of cells) {
    const unpatched = cells.find((one) => one.variant === baseline && one.scenario === cell.scenario)
    const counts = tally(cell.findings)
    expect(unpatchedTotal(counts), `${cell.variant} in ${cell.scenario}`).toBe(unpatched?.findings.length)
    expect(variantTotal(counts)).toBe(cell.findings.length - counts.fixed - counts.notReached)
  }
}

describe('a correct patch introduces nothing, but its wrong twin does', () => {
  let comparison: Comparison
  beforeAll(async () => {
    comparison = await played(
      [
        'patches/rng-put.patch',
        'test/bad-patches/rng-put-twice.patch',
        'patches/driver-puts.patch',
        'test/bad-patches/driver-puts-twice.patch',
        'patches/cc-property-name.patch',
        'test/bad-patches/cc-property-name-put-twice.patch',
      ],
      shipped('lpm-thrice-hierarchy', 'memory-pressure', 'memory-pressure-property-name'),
    )
  }, 600_000)

  const cellOf = (variant: string, scenario: string): Cell | undefined =>
    comparison.cells.find((cell) => cell.variant === variant && cell.scenario === scenario)
  const hiddenBy = (variant: string, scenario: string): Set<string | undefined> =>
    new Set(
      cellOf(variant, scenario)
        ?.findings.filter(({ status }) => status === 'revealed')
        .map((finding) => finding.hiddenBy?.reason),
    )

  it.each(['rng-put', 'driver-puts', 'cc-property-name'])('%s', (id) => {
    expect(totals(comparison)[id]).toMatchObject({ status: 'ok', introduced: 0 })
  })

  it.each(['rng-put-twice', 'driver-puts-twice', 'cc-property-name-put-twice'])('%s', (id) => {
    const { status, introduced = 0 } = totals(comparison)[id] ?? {}
    expect(status).toBe('ok')
    expect(introduced).toBeGreaterThan(0)
  })

  it('if a surplus drop used to hit a reference that is no longer lost', () => {
    expect(hiddenBy('rng-put', 'lpm-thrice-hierarchy')).toEqual(new Set(['other-symptom']))
    expect(cellOf('rng-put', 'lpm-thrice-hierarchy')?.findings).toContainEqual(
      expect.objectContaining({
        status: 'kept',
        subject: '/ibm,platform-facilities/ibm,random-v1[0] stolen from rng_init',
        hiddenBy: expect.objectContaining({ reason: 'other-symptom' }) as unknown,
      }),
    )
  })

  it('if a dead node is taken and dropped once more', () => {
    const more = cellOf('driver-puts', 'memory-pressure')?.findings.filter(({ surplus }) => surplus)
    expect(new Set(more?.map(({ status }) => status))).toEqual(new Set(['revealed']))
  })

  it('if a theft masked a leak', async () => {
    const masked = await played(
      ['patches/cache-fix.patch', 'test/bad-patches/cache-fix-leak.patch'],
      shipped('lpm-twice-hierarchy'),
    )
    const byId = totals(masked)
    expect(byId['cache-fix']).toMatchObject({ status: 'ok', introduced: 0, revealed: 3 })
    expect(byId['cache-fix-leak']?.introduced).toBeGreaterThan(0)
    const [, right] = masked.cells
    const reasons = right?.findings
      .filter(({ status }) => status === 'revealed')
      .map((one) => one.hiddenBy?.reason)
    expect(new Set(reasons)).toEqual(new Set(['masked']))
    expectSums(masked)
  }, 300_000)

  it('if a driver complains again about a malformed property', async () => {
    const again = await played(
      ['patches/nx842-take-updates.patch', 'test/bad-patches/nx842-take-updates-wrong.patch'],
      shipped('probe-842-short-sg-len', 'limits-change'),
    )
    const byId = totals(again)
    expect(byId['nx842-take-updates']).toMatchObject({ status: 'ok', introduced: 0, revealed: 1 })
    expect(byId['nx842-take-updates-wrong']?.introduced).toBeGreaterThan(0)
    expectSums(again)
  }, 300_000)

  it('if the unpatched kernel has the leak in another scenario', async () => {
    const more = await played(
      ['patches/ignore-pfo-children.patch', 'test/bad-patches/ignore-pfo-children-found-twice.patch'],
      shipped('lpm-once-hierarchy', 'module-load-after-lpm'),
    )
    const byId = totals(more)
    expect(byId['ignore-pfo-children']).toMatchObject({ status: 'ok', introduced: 0 })
    expect(byId['ignore-pfo-children-found-twice']?.introduced).toBeGreaterThan(0)
    const reasons = more.cells
      .filter(({ variant }) => variant === 'ignore-pfo-children')
      .flatMap(({ findings }) => findings)
      .map(({ hiddenBy }) => hiddenBy?.reason)
    expect(reasons).toContain('other-scenario')
    expectSums(more)
  }, 300_000)

  it('if the detach of a node, or the unbinding of its driver, owes the put of a reference', async () => {
    const held = await played(
      badPatches(
        'directory-holds-node',
        'directory-holds-node-twice',
        'nx-crypto-holds-node',
        'nx-crypto-holds-node-taken-twice',
      ),
      shipped('lpm-once-hierarchy', 'dlpar-firmware-fails'),
    )
    const byId = totals(held)
    const nothing = { introduced: 0, revealed: 0, fixed: 0, notReached: 0 }
    expect(byId['directory-holds-node']).toMatchObject({ status: 'ok', ...nothing })
    expect(byId['nx-crypto-holds-node']).toMatchObject({ status: 'ok', ...nothing })
    for (const { variant, introduced } of held.cells.map(({ variant, findings }) => ({
      variant,
      introduced: tally(findings).introduced,
    })))
      expect(introduced > 0, variant).toBe(variant.endsWith('-twice'))
    expectSums(held)
  }, 300_000)

  it('if the function that detaches a node drops its first reference', async () => {
    const moved = await played(
      badPatches('detacher-drops-node', 'detacher-drops-node-twice'),
      shipped('lpm-once-hierarchy', 'ofdt-remove-add', 'changeset', 'dlpar-processors'),
    )
    expect(totals(moved)['detacher-drops-node']).toMatchObject({ status: 'ok', introduced: 0 })
    const thefts = moved.cells
      .find((one) => one.variant === 'detacher-drops-node-twice' && one.scenario === 'lpm-once-hierarchy')
      ?.findings.filter(({ kind, status }) => kind === 'stolen-reference' && status === 'introduced')
    expect(thefts?.length).toBeGreaterThan(0)
    expectSums(moved)
  }, 300_000)

  it('if a function drops a reference that another one takes, also takes its own, and another leak is mended', async () => {
    const held = await played(
      badPatches('deleter-drops-held-node', 'deleter-drops-held-node-twice'),
      shipped('lpm-once-hierarchy', 'lpm-thrice-hierarchy', 'ofdt-remove-add'),
      true,
    )
    const ofCell = (variant: string, scenario: string) =>
      held.cells.find((one) => one.variant === variant && one.scenario === scenario)?.findings ?? []
    for (const scenario of ['lpm-once-hierarchy', 'ofdt-remove-add']) {
      const other = ofCell('deleter-drops-held-node', scenario).filter(({ status }) => status !== 'kept')
      expect(other.map(({ status, subject }) => `${status} ${subject}`)).toEqual([
        'fixed /ibm,platform-facilities/ibm,random-v1[0] held by rng_init',
      ])
    }
    // The node is dead there on both kernels, so the surplus drops of the unpatched kernel show in another way.
    const dead = ofCell('deleter-drops-held-node', 'lpm-thrice-hierarchy')
    expect(tally(dead)).toMatchObject({ introduced: 0, fixed: 0, revealed: 4 })
    expect(
      ofCell('deleter-drops-held-node-twice', 'lpm-once-hierarchy')
        .filter(({ kind, status }) => kind === 'stolen-reference' && status === 'introduced')
        .map(({ data }) => data),
    ).toContainEqual({ dropper: 'delete_dt_node', owner: 'vio_register_device_node' })
    // A theft that was handed over hides nothing.
    expect(held.interactions.filter(({ variant }) => variant === 'deleter-drops-held-node')).toEqual([])
    expectSums(held)
  }, 300_000)

  it('if a device has no reference on its node', async () => {
    const held = await played(
      badPatches('vio-holds-node-in-helper', 'vio-holds-node-in-helper-not'),
      shipped('lpm-once-hierarchy', 'lpm-twice-hierarchy', 'lpm-thrice-hierarchy', 'vdevice-slots'),
    )
    const nothing = { introduced: 0, revealed: 0, fixed: 0, notReached: 0 }
    expect(totals(held)['vio-holds-node-in-helper']).toMatchObject({ status: 'ok', ...nothing })
    // The surplus drops of later migrations are still there. They hit other references, or none is left.
    expect(totals(held)['vio-holds-node-in-helper-not']).toMatchObject({ status: 'ok', fixed: 0 })
    const moved = held.cells
      .find(
        ({ variant, scenario }) =>
          variant === 'vio-holds-node-in-helper-not' && scenario === 'lpm-twice-hierarchy',
      )
      ?.findings.filter(({ kind, hiddenBy }) => kind === 'stolen-reference' && hiddenBy !== undefined)
      .map(({ status, subject, hiddenBy }) => [
        status,
        subject,
        hiddenBy?.reason === 'other-symptom' ? hiddenBy.finding.subject : null,
      ])
    expect(moved).toEqual(
      [
        ['random', 'stolen from rng_init'],
        ['compression', 'stolen from nx842_pseries_init'],
        ['sym-encryption', 'underflow'],
      ].map(([name, now]) => {
        const node = `/ibm,platform-facilities/ibm,${name ?? ''}-v1[0]`
        return ['kept', `${node} stolen from vio_register_device_node`, `${node} ${now ?? ''}`]
      }),
    )
    const cell = held.cells.find(
      ({ variant, scenario }) =>
        variant === 'vio-holds-node-in-helper-not' && scenario === 'lpm-once-hierarchy',
    )
    expect(cell?.findings).toContainEqual(
      expect.objectContaining({
        status: 'introduced',
        kind: 'node-not-held',
        subject: '/ibm,platform-facilities/ibm,compression-v1[0] not held by device ibm,compression-v1',
      }),
    )
    expect(cell?.findings).toContainEqual(
      expect.objectContaining({
        status: 'kept',
        subject: '/ibm,platform-facilities/ibm,compression-v1[0] held by vio_register_device_node',
      }),
    )
    expectSums(held)
  }, 300_000)

  it('if the caller of a registration takes the reference of the device, and a helper drops it', async () => {
    const held = await played(
      badPatches('vio-caller-holds-node', 'vio-caller-holds-node-dropped'),
      shipped('lpm-once-hierarchy', 'vdevice-slots'),
    )
    const nothing = { introduced: 0, revealed: 0, fixed: 0, notReached: 0 }
    expect(totals(held)['vio-caller-holds-node']).toMatchObject({ status: 'ok', ...nothing })
    const devices = held.cells
      .filter(({ variant }) => variant === 'vio-caller-holds-node-dropped')
      .map(({ findings }) =>
        findings.filter(({ kind, status }) => kind === 'node-not-held' && status === 'introduced'),
      )
    expect(devices.map(({ length }) => length)).toEqual([6, 6])
    expectSums(held)
  }, 300_000)

  it('if a function drops a reference that its caller passed to it, and none that is lost elsewhere', async () => {
    const dropped = await played(
      badPatches('slot-remove-puts-node', 'slot-remove-puts-node-twice', 'slot-remove-puts-node-of-device'),
      shipped('vdevice-slots'),
    )
    const nothing = { introduced: 0, revealed: 0, fixed: 0, notReached: 0 }
    expect(totals(dropped)['slot-remove-puts-node']).toMatchObject({ status: 'ok', ...nothing })
    const stolen = (id: string) =>
      dropped.cells
        .filter(({ variant }) => variant === id)
        .flatMap(({ findings }) => findings.filter(({ status }) => status !== 'kept'))
        .map(({ status, kind, subject, step }) => [status, kind, subject, step].join(' '))
    expect(stolen('slot-remove-puts-node-twice')).toEqual([
      'introduced stolen-reference /vdevice/nvram@71000001[0] stolen from of_node_init 16',
      'introduced stolen-reference /vdevice/v-scsi@71000002[0] stolen from of_node_init 10',
      'introduced stolen-reference /vdevice/v-scsi@71000002[0] stolen from find_vio_slot_node 21',
    ])
    // No function leaves the reference of the device to others.
    expect(stolen('slot-remove-puts-node-of-device')).toEqual([
      'introduced stolen-reference /vdevice/nvram@71000001[0] stolen from vio_register_device_node 16',
      'introduced stolen-reference /vdevice/v-scsi@71000002[0] stolen from vio_register_device_node 10',
    ])
    expectSums(dropped)
  }, 300_000)

  it('if several references on a node are open, and it is a guess which of them a put dropped', async () => {
    const held = await played(
      badPatches('directory-holds-node', 'directory-holds-node-twice'),
      shipped('ofdt-properties', 'dlpar-without-processor-nodes', 'vdevice-slot-node'),
    )
    for (const { variant, scenario, findings } of held.cells)
      expect(tally(findings).introduced > 0, `${variant} in ${scenario}`).toBe(
        variant === 'directory-holds-node-twice',
      )
    expectSums(held)
  }, 300_000)

  it('if a theft masked the leak, and it is a guess which reference a put dropped', async () => {
    const held = await played(
      badPatches('cache-fix-directory-holds-node', 'cache-fix-directory-holds-node-twice'),
      shipped('lpm-thrice-hierarchy', 'memory-pressure'),
    )
    for (const { variant, scenario, findings } of held.cells)
      expect(tally(findings).introduced > 0, `${variant} in ${scenario}`).toBe(
        variant === 'cache-fix-directory-holds-node-twice',
      )
    expectSums(held)
  }, 300_000)

  it('if a lookup finds the same dead node, whose memory is no longer freed', async () => {
    const held = await played(
      ['test/bad-patches/directory-holds-node-twice.patch'],
      shippedScenarios('all').filter(({ id }) => id === 'ofdt-remove-by-hand-and-migrate'),
    )
    const verdicts = held.cells[1]?.findings
      .filter(({ subject }) => subject.startsWith('/ibm,platform-facilities/linux[0]'))
      .map(({ oracle, status }) => `${oracle} ${status}`)
    expect(verdicts).toEqual(['stale-lookup revealed', 'leak introduced', 'use-after-free kept'])
    expectSums(held)
  }, 300_000)

  it('if a wrong lookup kept the unpatched kernel from the node on which a task dies', async () => {
    const died = await played(
      ['patches/cache-fix.patch', 'test/bad-patches/cache-fix-leak.patch'],
      shippedScenarios('all').filter(({ id }) => id === 'memory-pressure-property-file'),
    )
    const byId = totals(died)
    expect(byId['cache-fix']?.introduced).toBe(0)
    expect(byId['cache-fix-leak']?.introduced).toBeGreaterThan(0)
    const death = died.cells[1]?.findings.find(({ kind }) => kind === 'task-killed')
    expect(death).toMatchObject({ subject: 'strlen', status: 'revealed', hiddenBy: { reason: 'masked' } })
    expectSums(died)
  }, 300_000)

  it('if an initcall that the patch adds makes a lookup right', async () => {
    const died = await played(
      ['patches/cache-off.patch', 'test/bad-patches/cache-off-rng-again.patch'],
      shippedScenarios('all').filter(({ id }) => id === 'memory-pressure-property-file'),
    )
    const byId = totals(died)
    expect(byId['cache-off']?.introduced).toBe(0)
    const death = died.cells[1]?.findings.find(({ kind }) => kind === 'task-killed')
    expect(death).toMatchObject({ status: 'revealed', hiddenBy: { reason: 'masked' } })
    const introduced = died.cells[2]?.findings.filter(({ status }) => status === 'introduced')
    expect(introduced?.map(({ subject }) => subject)).toEqual([
      '/ibm,platform-facilities/ibm,random-v1[0] held by rng_init',
    ])
    expectSums(died)
  }, 300_000)

  it('if a patch takes a reference on a node that the unpatched kernel left without any', async () => {
    const taken = await played(
      badPatches('nx-crypto-holds-node', 'nx-crypto-holds-node-put-twice'),
      shippedScenarios('all').filter(({ id }) => id === 'big-endian-partition'),
    )
    const byId = totals(taken)
    expect(byId['nx-crypto-holds-node']).toMatchObject({ introduced: 0, revealed: 1 })
    expect(byId['nx-crypto-holds-node-put-twice']?.introduced).toBeGreaterThan(0)
    expectSums(taken)
  }, 300_000)

  it('if a surplus drop hits a reference that the patch takes', async () => {
    const stolen = await played(
      [
        'test/bad-patches/nx-crypto-holds-node.patch',
        'test/bad-patches/nx-crypto-holds-node-put-twice.patch',
      ],
      shipped('lpm-thrice-hierarchy'),
    )
    const subject = '/ibm,platform-facilities/ibm,sym-encryption-v1[0] stolen from nx_probe'
    const verdictIn = (index: number) =>
      stolen.cells[index]?.findings.find((finding) => finding.subject === subject)
    expect(verdictIn(1)).toMatchObject({ status: 'revealed', hiddenBy: { reason: 'other-symptom' } })
    expect(stolen.cells[1]?.findings).toContainEqual(
      expect.objectContaining({
        status: 'kept',
        subject: '/ibm,platform-facilities/ibm,sym-encryption-v1[0] underflow',
        hiddenBy: expect.objectContaining({ reason: 'other-symptom' }) as unknown,
      }),
    )
    expect(totals(stolen)['nx-crypto-holds-node']).toMatchObject({ status: 'ok', introduced: 0, fixed: 0 })
    expect(verdictIn(2)).toMatchObject({ status: 'introduced' })
    expectSums(stolen)
  }, 300_000)

  it('if a surplus drop hits the reference of a call that the unpatched kernel does not reach', async () => {
    const ignored = await played(
      ['patches/ignore-pfo.patch'],
      shippedScenarios('all').filter(({ id }) => id === 'changeset'),
    )
    const thefts = ignored.cells[1]?.findings.filter(({ kind }) => kind === 'stolen-reference')
    const node = '/ibm,platform-facilities/ibm,random-v1[0]'
    expect(thefts?.map(({ status, subject }) => [status, subject])).toEqual([
      ['revealed', `${node} stolen from of_changeset_action`],
      ['kept', `${node} stolen from vio_register_device_node`],
    ])
    expectSums(ignored)
  }, 300_000)

  it('if two functions drop a reference that was taken once', async () => {
    const dropped = await played(
      badPatches('nx-crypto-holds-node', 'nx-crypto-holds-node-dropped-twice'),
      shippedScenarios('all').filter(({ id }) => id === 'bind-unbind'),
    )
    expect(totals(dropped)['nx-crypto-holds-node']).toMatchObject({ status: 'ok', introduced: 0, fixed: 0 })
    expect(dropped.cells[2]?.findings).toContainEqual(
      expect.objectContaining({
        status: 'introduced',
        subject: '/ibm,platform-facilities/ibm,sym-encryption-v1[0] stolen from vio_register_device_node',
        data: { dropper: 'delete_dt_node', owner: 'vio_register_device_node' },
      }),
    )
    expectSums(dropped)
  }, 300_000)

  it('if an update went to a detached node while the tree had no node', async () => {
    const updated = await played(
      ['patches/attach-subtree.patch', 'test/bad-patches/attach-subtree-update-lost.patch'],
      shipped('property-update-after-lpm', 'prrn-during-lpm'),
    )
    const byId = totals(updated)
    expect(byId['attach-subtree']).toMatchObject({ status: 'ok', introduced: 0 })
    const ofUpdates = updated.cells.map(({ variant, findings }) => ({
      variant,
      missed: findings.filter(({ oracle, status }) => oracle === 'missed-update' && status !== 'kept'),
    }))
    const missedBy = (id: string) =>
      ofUpdates
        .filter(({ variant }) => variant === id)
        .flatMap(({ missed }) => missed.map(({ kind, status, hiddenBy }) => [kind, status, hiddenBy?.reason]))
    expect(missedBy('attach-subtree')).toEqual(
      Array(3).fill(['new-value-in-detached-node', 'revealed', 'masked']),
    )
    expect(missedBy('attach-subtree-update-lost')).toEqual(
      Array(3).fill(['old-value-in-tree', 'introduced', undefined]),
    )
    expectSums(updated)
  }, 300_000)

  it('if the same leak has another name', async () => {
    const renamed = await played(
      ['test/bad-patches/nx842-counters-helper.patch', 'test/bad-patches/nx842-counters-helper-twice.patch'],
      shipped('driver-reload-after-lpm'),
    )
    const byId = totals(renamed)
    const nothing = { introduced: 0, revealed: 0, fixed: 0, notReached: 0 }
    expect(byId['nx842-counters-helper']).toMatchObject({ status: 'ok', ...nothing })
    expect(byId['nx842-counters-helper-twice']?.introduced).toBeGreaterThan(0)
    expectSums(renamed)
  }, 300_000)

  it('if the run of the unpatched kernel had ended', () => {
    expect(hiddenBy('cc-property-name', 'memory-pressure-property-name')).toEqual(new Set(['run-ended']))
  })

  it('if the unpatched run had ended before firmware lost the service that lists changed nodes', async () => {
    const late = parseScenario(
      `id: list-not-read
title: The service that lists changed nodes goes away after two migrations
steps:
  - load: [pseries_rng, nx_compress_pseries, nx_crypto]
  - migrate: { readd: per-node }
  - migrate: { readd: hierarchy }
  - ofdt: 'remove_property 4 ibm,update-nodes'
  - migrate: { readd: hierarchy }
`,
      'list-not-read.yaml',
    )
    const read = await played(
      ['patches/cache-off.patch', 'test/bad-patches/cache-off-list-not-read.patch'],
      [late, ...shipped('services-missing')],
    )
    const notRead = (variant: string) =>
      read.cells
        .find((cell) => cell.variant === variant && cell.scenario === late.id)
        ?.findings.find(({ kind }) => kind === 'changes-not-read')
    expect(notRead('cache-off')).toMatchObject({
      status: 'revealed',
      step: 5,
      hiddenBy: { reason: 'run-ended' },
    })
    expect(notRead('cache-off-list-not-read')).toMatchObject({ status: 'introduced', step: 2 })
    expect(totals(read)['cache-off']?.introduced).toBe(0)
    expectSums(read)
  }, 300_000)

  it('ranks no patch lower for findings that it reveals', () => {
    const rank = (id: string): number => comparison.variants.find((one) => one.id === id)?.rank ?? 0
    for (const id of ['rng-put', 'driver-puts', 'cc-property-name']) {
      expect(rank(id)).toBeLessThan(rank('baseline'))
      expect(rank(id)).toBeLessThan(rank('rng-put-twice'))
    }
  })

  it('has sums that add up in every cell', () => {
    expectSums(comparison)
  })

  it('if a device has no reference on its node, but the phandle cache has one', async () => {
    const stacks = ['vio-holds-node-in-helper', 'vio-holds-node-in-helper-not'].map((id) =>
      stackOfPatches(
        ['patches/cache-fix.patch', `test/bad-patches/${id}.patch`].flatMap(
          (file) => stackOfFile(join(root, file), engine).patches,
        ),
      ),
    )
    const scenarios = shipped('lpm-once-hierarchy', 'vdevice-slots')
    const held = await compare({ engine, stacks, scenarios, jobs: 2, interactions: false })
    const [right, wrong] = stacks.map(({ id }) => held.cells.filter(({ variant }) => variant === id))
    expect(right?.map(({ findings }) => tally(findings).introduced)).toEqual([0, 0])
    const devices = wrong?.map(({ findings }) =>
      findings.filter(({ kind, status }) => kind === 'node-not-held' && status === 'introduced'),
    )
    expect(devices?.map(({ length }) => length)).toEqual([6, 6])
    expectSums(held)
  }, 300_000)
})

it('a patch whose runs end early does not fix what it no longer reaches', async () => {
  const alone = ['vio-notifier', 'name40'].map((id) => stackOfFile(join(root, `patches/${id}.patch`), engine))
  const both = stackOfPatches(alone.flatMap(({ patches }) => patches))
  const ended = await compare({
    engine,
    stacks: [both],
    scenarios: shipped('lpm-once-hierarchy', 'ofdt-remove-add', 'module-load-after-lpm'),
    interactions: false,
  })
  const stale = ended.cells
    .filter(({ variant }) => variant === both.id)
    .flatMap(({ findings }) => findings.filter(({ oracle }) => oracle === 'stale-device'))
  expect(tally(stale)).toEqual({ fixed: 2, kept: 2, introduced: 0, revealed: 0, notReached: 5 })
  const text = toText(ended)
  expect(text).toMatch(/^FIXED .*stale-device 2\b/m)
  expect(text).not.toContain('all of stale-device')
  expectSums(ended)
  // The numbers of the tutorial.
  const hung = await played(['patches/vio-notifier.patch'], shipped('lpm-twice-per-node', 'sysfs-after-lpm'))
  expect(totals(hung)['vio-notifier']).toMatchObject({ kept: 10, notReached: 42, fixed: 0 })
}, 300_000)

/** Cases from the mailing lists: folder in `test/field-cases`, its patches, and the expected verdict counts. */
const cases: readonly (readonly [string, Readonly<Record<string, object>>])[] = [
  // The early return completes nothing, so the task that waits for the worker hangs.
  ['04-queue-hotplug-kmemdup', { 'return-early': { introduced: 1, fixed: 0 } }],
  [
    '05-phandle-cache-replace',
    { 'with-put': { introduced: 0, revealed: 0, fixed: 0 }, 'no-put': { introduced: 3, revealed: 0 } },
  ],
  ['11-no-update-nodes', { 'no-error': { introduced: 0, revealed: 0, fixed: 0, notReached: 0 } }],
  ['21-reconfig-add-node', { 'put-what-is-there': { introduced: 0, revealed: 0, fixed: 3, kept: 1 } }],
  [
    '23-cc-node-put',
    {
      'with-flag': { introduced: 0, revealed: 0, fixed: 0 },
      'without-flag': { introduced: 3 },
      '../../bad-patches/cc-node-put-twice': { introduced: 2 },
    },
  ],
  ['29-ofdt-property-leak', { 'put-node': { introduced: 0, revealed: 0, fixed: 1 } }],
  ['34-nx842-probe-notifier', { 'leave-chain': { introduced: 0, revealed: 0 } }],
]

describe('a change from the mailing lists is judged right', () => {
  it.each(cases)(
    '%s',
    async (folder, verdicts) => {
      const own = join('test/field-cases', folder)
      const scenario = loadScenario(join(root, own, 'scenario.yaml'))
      const files = Object.keys(verdicts).map((name) => join(own, `${name}.patch`))
      const comparison = await played(files, [scenario])
      const byId = totals(comparison)
      for (const [name, expected] of Object.entries(verdicts)) {
        const id = name.slice(name.lastIndexOf('/') + 1)
        expect(byId[id], id).toMatchObject({ status: 'ok', ...expected })
      }
      expectSums(comparison)
    },
    300_000,
  )

  it('01-rng-put, 03-cc-property-kstrdup and 13-changeset-print-under-lock', async () => {
    const comparison = await played(
      [
        'test/field-cases/01-rng-put/put-node.patch',
        'test/field-cases/03-cc-property-kstrdup/check-name.patch',
        'test/field-cases/13-changeset-print-under-lock/print-behind.patch',
      ],
      shipped('lookup-after-lpm', 'memory-pressure-property-name'),
    )
    const byId = totals(comparison)
    expect(byId['put-node']).toMatchObject({ status: 'ok', introduced: 0 })
    expect(byId['put-node']?.fixed).toBeGreaterThan(0)
    expect(byId['check-name']).toMatchObject({ status: 'ok', introduced: 0 })
    expect(byId['check-name']?.fixed).toBeGreaterThan(0)
    expect(byId['print-behind']).toMatchObject({ status: 'ok', introduced: 0, fixed: 0, notReached: 0 })
    expect(comparison.variants.find(({ id }) => id === 'print-behind')).toMatchObject({ changes: 0 })
    expectSums(comparison)
  }, 300_000)

  it('21 and 34 change what a user can see, and the changes show it', async () => {
    const [add, probe] = ['21-reconfig-add-node', '34-nx842-probe-notifier'].map((folder) =>
      join('test/field-cases', folder),
    )
    const added = await played(
      [`${add ?? ''}/put-what-is-there.patch`],
      [loadScenario(join(root, add ?? '', 'scenario.yaml'))],
    )
    expect(added.cells[1]?.changes).toEqual([
      {
        kind: 'result',
        subject: 'ofdt add_node /nosuchparent/child',
        step: 1,
        before: 'did not return',
        after: 'errno 22',
      },
    ])
    const probed = await played(
      [`${probe ?? ''}/leave-chain.patch`],
      [loadScenario(join(root, probe ?? '', 'scenario.yaml'))],
    )
    const notification = probed.cells[1]?.changes.find(({ kind }) => kind === 'notification')
    expect(notification?.before).toContain('nx842_OF_notifier')
    expect(notification?.after).not.toContain('nx842_OF_notifier')
  }, 300_000)
})
