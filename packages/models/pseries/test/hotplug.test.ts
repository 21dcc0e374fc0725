// SPDX-License-Identifier: GPL-2.0-only
import { type Machine } from '@pfo-workbench/kernel'
import { consoleOf, run, runToDeath } from '@pfo-workbench/kernel/testing'
import { inspectOf } from '@pfo-workbench/of'
import { Partition } from '@pfo-workbench/powervm'
import { describe, expect, it } from 'vitest'
import { MIGRATION_SCOPE, onlineProcessors, PRRN_SCOPE, pseries_devicetree_update } from '../src/index.ts'
import {
  boot,
  bootWith,
  eventsOf,
  firmwareWith,
  HANDLE,
  leftBehind,
  nodeList,
  putWords,
  refcounts,
  statuses,
  withFailure,
} from './support.ts'

const DLPAR = '/sys/kernel/dlpar'
const UPDATE = 0x02000000

/** Result of a request on a fresh machine, and its console output. */
function request(line: string): { result: number | null; lines: string[] } {
  const machine = boot(new Partition())
  let result: number | null = null
  const lines = consoleOf(machine, () => (result = machine.write(DLPAR, line)))
  return { result, lines }
}

function couldNot(line: string): string {
  return `dlpar: Could not handle DLPAR request "${line}"`
}

describe('/sys/kernel/dlpar', () => {
  it('lists the resources that it can change', () => {
    expect(boot(new Partition()).read(DLPAR)).toBe('memory,cpu\n')
  })

  it.each([
    'memory add count 1',
    'memory remove index 0x80000001\n',
    'memory\n add\n count\n 1\n',
    'memory add count 4294967295 and more',
  ])('queues %j for a worker of a kernel without memory hotplug: -EOPNOTSUPP', (line) => {
    const [shown = ''] = couldNot(line).split('\n', 1)
    const { result, lines } = request(line)
    expect(result).toBe(-95)
    expect(lines[0]).toBe(shown)
  })

  it.each([
    ['', 'Invalid resource specified.'],
    ['Memory add count 1', 'Invalid resource specified.'],
    ['disk add count 1', 'Invalid resource specified.'],
    ['memory', null],
    ['memory change count 1', 'Invalid action specified.'],
    ['memory readd count 1', 'Invalid action specified.'],
    ['memory add', null],
    ['memory add size 1', 'Invalid id_type specified.'],
    ['memory add  count 1', 'Invalid id_type specified.'],
    ['memory add count', 'No DRC count specified.'],
    ['memory add count x', 'Invalid DRC count specified.'],
    ['memory add count 4294967296', 'Invalid DRC count specified.'],
    ['memory add index', 'No DRC Index specified.'],
    ['memory add index -1', 'Invalid DRC Index specified.'],
    ['memory add indexed-count x y', 'Invalid DRC count specified.'],
    ['memory add indexed-count 1', 'No DRC Index specified.'],
    ['memory add indexed-count 1 y', 'Invalid DRC Index specified.'],
  ])('rejects %j with -EINVAL and at most one message: %j', (line, complaint) => {
    expect(request(line)).toEqual({
      result: -22,
      lines: [...(complaint === null ? [] : [`dlpar: ${complaint}`]), couldNot(line)],
    })
  })

  it('returns -ENOMEM if memory for the words, the request or the work is short; for the copy it is an Oops', () => {
    const results = [0, 1, 3].map((number) => {
      const machine = boot(new Partition())
      let result: number | null = null
      const left = leftBehind(machine, () => {
        withFailure(machine, number, () => (result = machine.write(DLPAR, 'memory add count 1')))
      })
      expect(left).toEqual([])
      return [result, machine.console.at(-1)]
    })
    const noResources = 'dlpar: Could not allocate resources for DLPAR operation'
    expect(results).toEqual([
      [-12, noResources],
      [-12, noResources],
      [-12, couldNot('memory add count 1')],
    ])
    const machine = boot(new Partition())
    withFailure(machine, 2, () => machine.write(DLPAR, 'memory add count 1'))
    expect(machine.outcome).toBe('oops')
  })

  it('frees its memory', () => {
    const machine = boot(new Partition())
    expect(leftBehind(machine, () => machine.write(DLPAR, 'cpu add count 1'))).toEqual([])
  })
})

describe('a changed block of memory in a PRRN update', () => {
  function bootTold(phandle: number): Machine {
    return bootWith({
      'ibm,update-nodes': nodeList([UPDATE | 1, phandle, 0]),
      'ibm,update-properties': () => [0],
    })
  }

  function requests(machine: Machine, scope: number): string[] {
    const allocated = eventsOf(machine, 'alloc', () => run(machine, () => pseries_devicetree_update(scope)))
    return allocated.map(({ struct }) => struct).filter((struct) => struct.startsWith('pseries_hp'))
  }

  it('is queued for a worker: a request, its copy, and the work', () => {
    const machine = bootTold(0x80000001)
    expect(requests(machine, PRRN_SCOPE)).toEqual([
      'pseries_hp_errorlog',
      'pseries_hp_errorlog',
      'pseries_hp_work',
    ])
  })

  it('is handled by the worker, which frees copy and work', () => {
    const machine = bootTold(0x80000001)
    const left = leftBehind(machine, () => {
      run(machine, () => pseries_devicetree_update(PRRN_SCOPE))
      machine.settle()
    })
    expect(left).toEqual([])
    expect(machine.outcome).toBe('completed')
  })

  it('is treated as a node if one has its index as phandle, even if only the phandle cache has it', () => {
    expect(requests(bootTold(HANDLE.random), PRRN_SCOPE)).toEqual([])
    const machine = bootTold(HANDLE.random)
    machine.write('/proc/powerpc/ofdt', 'remove_node /ibm,platform-facilities/ibm,random-v1')
    expect(requests(machine, PRRN_SCOPE)).toEqual([])
  })

  it('is ignored in a migration', () => {
    expect(requests(bootTold(0x80000001), MIGRATION_SCOPE)).toEqual([])
  })

  it('is dropped if memory for the request is short; without memory for the copy or the work, it is an Oops', () => {
    // Allocations: both work areas, the request, its copy, the work.
    const outcomes = [2, 3, 4].map((number) => {
      const machine = bootTold(0x80000001)
      const update = (): unknown => pseries_devicetree_update(PRRN_SCOPE)
      withFailure(machine, number, () => {
        if (number === 2) run(machine, update)
        else runToDeath(machine, update)
      })
      return machine.outcome
    })
    expect(outcomes).toEqual(['completed', 'oops', 'oops'])
  })
})

describe('the writer of a request', () => {
  it('waits forever for a worker that died', () => {
    const partition = new Partition({ spareProcessors: 1 })
    const machine = boot(partition)
    // After this answer the worker steps up above the new node and adds a property there.
    const firmware = firmwareWith(partition, { 'ibm,configure-connector': statuses(3) })
    const broken = boot(partition, { firmware })
    expect(broken.write(DLPAR, 'cpu add index 0x10000001')).toBeNull()
    expect(eventsOf(broken, 'oops', undefined, 0)).toHaveLength(1)
    expect(eventsOf(broken, 'hang', undefined, 0)).toMatchObject([{ lock: 'hotplug_done' }])
    expect(machine.outcome).toBe('completed')
  })
})

describe('processors', () => {
  const NEW = '/cpus/PowerPC,POWER9@1'
  const ADD = 'cpu add index 0x10000001'
  const REMOVE = 'cpu remove index 0x10000001'

  function bootSpare(spareProcessors = 1): { machine: Machine; partition: Partition } {
    const partition = new Partition({ spareProcessors })
    return { machine: boot(partition), partition }
  }

  function paths(machine: Machine): string[] {
    return inspectOf(machine)
      .nodes.filter(({ path, inTree }) => inTree && path.startsWith('/cpus/'))
      .map(({ path }) => path)
  }

  it('are added with their node, brought online, and removed again: the node is freed, and no reference leaks', () => {
    const { machine, partition } = bootSpare()
    const before = refcounts(machine)
    expect(partition.tree().map(({ path }) => path)).not.toContain(NEW)
    expect(machine.write(DLPAR, `${ADD}\n`)).toBe(ADD.length + 1)
    expect(machine.inspect(onlineProcessors)).toBe(2)
    expect(paths(machine)).toContain(NEW)
    expect(partition.tree().map(({ path }) => path)).toContain(NEW)
    expect(machine.write(DLPAR, REMOVE)).toBe(REMOVE.length)
    expect(machine.inspect(onlineProcessors)).toBe(1)
    expect(inspectOf(machine).nodes.find(({ path }) => path === NEW)?.life).toBe('freed')
    expect(refcounts(machine)).toEqual(before)
    expect(partition.tree().map(({ path }) => path)).not.toContain(NEW)
    expect(machine.console.slice(1)).toEqual([])
  })

  it('can also be added and removed by count, all or none', () => {
    const { machine } = bootSpare(2)
    expect(machine.write(DLPAR, 'cpu add count 2')).toBe(15)
    expect(machine.inspect(onlineProcessors)).toBe(3)
    expect(machine.write(DLPAR, 'cpu add count 1')).toBe(-22)
    expect(machine.write(DLPAR, 'cpu remove count 3')).toBe(-22)
    expect(machine.inspect(onlineProcessors)).toBe(3)
    expect(machine.write(DLPAR, 'cpu remove count 2')).toBe(18)
    expect(machine.inspect(onlineProcessors)).toBe(1)
    expect(machine.console.filter((line) => line.startsWith('pseries-hotplug'))).toEqual([
      'pseries-hotplug-cpu: Failed to find enough CPUs (0 of 1) to add',
      'pseries-hotplug-cpu: Cannot remove all CPUs',
    ])
  })

  it('are removed again if adding the next one fails, and added again if removing the next one fails', () => {
    const { machine, partition } = bootSpare(2)
    partition.scriptStatuses({ 'ibm,configure-connector': [...new Array<number>(60).fill(0), -9003] })
    const { length } = eventsOf(machine, 'rtas.call', () => machine.write(DLPAR, 'cpu add count 1')).filter(
      ({ service }) => service === 'ibm,configure-connector',
    )
    machine.write(DLPAR, 'cpu remove count 1')
    partition.scriptStatuses({ 'ibm,configure-connector': [...new Array<number>(length).fill(0), -9003] })
    expect(machine.write(DLPAR, 'cpu add count 2')).toBe(-22)
    expect(machine.console).toContain('pseries-hotplug-cpu: CPU hot-add failed, removing any added CPUs')
    expect(machine.inspect(onlineProcessors)).toBe(1)
  })

  it.each([
    ['cpu add index 0x10000000', -22, 'CPU with drc index 10000000 already exists'],
    ['cpu add index 0x10000009', -22, 'Cannot find CPU (drc index 10000009) to add.'],
    ['cpu remove index 0x10000009', -19, 'Cannot find CPU (drc index 10000009) to remove'],
    ['cpu remove index 0x10000000', -22, 'Failed to offline CPU PowerPC,POWER9, rc: -16'],
    ['cpu remove count 2', -22, 'Failed to find enough CPUs (1 of 2) to remove'],
    ['cpu add indexed-count 1 0x10000001', -22, null],
  ])('%j gives %i: %s', (line, result, said) => {
    const { machine } = bootSpare()
    const before = refcounts(machine)
    const lines = consoleOf(machine, () => expect(machine.write(DLPAR, line)).toBe(result))
    expect(lines).toEqual([...(said === null ? [] : [`pseries-hotplug-cpu: ${said}`]), couldNot(line)])
    expect(refcounts(machine)).toEqual(before)
  })

  it('are not added if firmware has no connector for them or returns no node', () => {
    for (const [service, said] of [
      ['get-sensor-state', 'Failed to acquire DRC, rc: -1, drc index: 10000001'],
      ['ibm,configure-connector', 'Failed call to configure-connector, drc index: 10000001'],
    ] as const) {
      const { machine, partition } = bootSpare()
      partition.scriptStatuses({ [service]: [-9003] })
      const before = refcounts(machine)
      expect(machine.write(DLPAR, ADD)).toBe(-22)
      expect(machine.console).toContain(`pseries-hotplug-cpu: ${said}`)
      expect(refcounts(machine)).toEqual(before)
      expect(machine.write(DLPAR, ADD)).toBe(ADD.length)
    }
  })

  it('stay online if firmware does not take them back', () => {
    const { machine, partition } = bootSpare()
    machine.write(DLPAR, ADD)
    partition.scriptStatuses({ 'set-indicator': [-1] })
    expect(machine.write(DLPAR, REMOVE)).toBe(-5)
    expect(machine.inspect(onlineProcessors)).toBe(2)
    expect(paths(machine)).toContain(NEW)
  })

  it('without a thread list are detached without a reference: a use after free', () => {
    const partition = new Partition({ spareProcessors: 1 })
    let told = 0
    const node: readonly number[] = [2, 0]
    const firmware = firmwareWith(partition, {
      'ibm,configure-connector': ([area]) => {
        if (area instanceof Uint8Array) {
          putWords(area, 8, [0x100])
          area.set([...Buffer.from('cpu\0')], 0x100)
        }
        return [node[told++] ?? 0]
      },
    })
    const machine = boot(partition, { firmware })
    machine.write(DLPAR, ADD)
    expect(machine.console).toContain(
      'pseries-hotplug-cpu: Failed to online cpu <NULL>, rc: -22, drc index: 10000001',
    )
    expect(eventsOf(machine, 'use-after-free', undefined, 0)[0]).toMatchObject({ struct: 'device_node' })
  })

  it("over the kernel's limit are attached and stay offline", () => {
    const { machine } = bootSpare(4)
    expect(machine.write(DLPAR, 'cpu add count 4')).toBe(15)
    expect(machine.inspect(onlineProcessors)).toBe(4)
    expect(paths(machine)).toHaveLength(5)
    expect(machine.console.slice(1)).toEqual([
      'Cannot add cpu /cpus/PowerPC,POWER9@4; this system configuration supports 4 logical cpus.',
    ])
  })

  it('need memory for the list of their connectors', () => {
    const { machine } = bootSpare()
    expect(machine.write(DLPAR, 'cpu add count 4294967295')).toBe(-22)
    expect(machine.write(DLPAR, 'cpu remove count 4294967295')).toBe(-22)
    expect(machine.outcome).toBe('completed')
  })

  it('cannot be found without /cpus; adding by count then uses freed memory', () => {
    const partition = new Partition({ spareProcessors: 1 })
    const machine = boot(partition)
    for (const path of [...paths(machine), '/cpus'])
      machine.write('/proc/powerpc/ofdt', `remove_node ${path}`)
    expect(paths(machine)).toEqual([])
    expect(machine.write(DLPAR, ADD)).toBe(-19)
    machine.write(DLPAR, 'cpu add count 1')
    expect(eventsOf(machine, 'use-after-free', undefined, 0).length).toBeGreaterThan(0)
  })
})
