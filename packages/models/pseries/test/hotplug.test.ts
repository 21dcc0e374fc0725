// SPDX-License-Identifier: GPL-2.0-only
import { type Machine } from '@pfo-workbench/kernel'
import { Partition } from '@pfo-workbench/powervm'
import { describe, expect, it } from 'vitest'
import { MIGRATION_SCOPE, PRRN_SCOPE, pseries_devicetree_update } from '../src/index.ts'
import {
  boot,
  bootWith,
  consoleOf,
  eventsOf,
  HANDLE,
  leftBehind,
  nodeList,
  run,
  runToDeath,
  withFailure,
} from './support.ts'

const DLPAR = '/sys/kernel/dlpar'
const UPDATE = 0x02000000

/** What a request gives on a fresh machine, and what the console says. */
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
  it('says what can be changed', () => {
    expect(boot(new Partition()).read(DLPAR)).toBe('memory,cpu\n')
  })

  it.each([
    'memory add count 1',
    'memory remove index 0x80000001\n',
    'cpu add index 0x10000001',
    'cpu remove indexed-count 2 0x10000001',
    'memory\n add\n count\n 1\n',
    'memory add count 4294967295 and more',
  ])('hands %j to a worker, which cannot do it here: -EOPNOTSUPP', (line) => {
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
  ])('refuses %j with -EINVAL and one complaint at most: %j', (line, complaint) => {
    expect(request(line)).toEqual({
      result: -22,
      lines: [...(complaint === null ? [] : [`dlpar: ${complaint}`]), couldNot(line)],
    })
  })

  it('is -ENOMEM when memory is short for the words, the request or the work; without any for its copy it is an Oops', () => {
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

  it('frees what it needed', () => {
    const machine = boot(new Partition())
    expect(leftBehind(machine, () => machine.write(DLPAR, 'cpu add count 1'))).toEqual([])
  })
})

describe('a block of memory that PRRN says has changed', () => {
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

  it('is left to a worker: a request, its copy, and the work', () => {
    const machine = bootTold(0x80000001)
    expect(requests(machine, PRRN_SCOPE)).toEqual([
      'pseries_hp_errorlog',
      'pseries_hp_errorlog',
      'pseries_hp_work',
    ])
  })

  it('is done when the worker runs, which frees copy and work', () => {
    const machine = bootTold(0x80000001)
    const left = leftBehind(machine, () => {
      run(machine, () => pseries_devicetree_update(PRRN_SCOPE))
      machine.settle()
    })
    expect(left).toEqual([])
    expect(machine.outcome).toBe('completed')
  })

  it('is taken for a node if one has its index for a handle, be it in the phandle cache only', () => {
    expect(requests(bootTold(HANDLE.random), PRRN_SCOPE)).toEqual([])
    const machine = bootTold(HANDLE.random)
    machine.write('/proc/powerpc/ofdt', 'remove_node /ibm,platform-facilities/ibm,random-v1')
    expect(requests(machine, PRRN_SCOPE)).toEqual([])
  })

  it('is nobody’s business in a migration', () => {
    expect(requests(bootTold(0x80000001), MIGRATION_SCOPE)).toEqual([])
  })

  it('is forgotten when memory is short for the request, and an Oops when it is for the copy or the work', () => {
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
