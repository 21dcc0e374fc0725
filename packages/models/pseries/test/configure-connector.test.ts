// SPDX-License-Identifier: GPL-2.0-only
import { readBytes, text, type Machine } from '@pfo-workbench/kernel'
import { consoleOf, must, run, runToDeath } from '@pfo-workbench/kernel/testing'
import { Partition } from '@pfo-workbench/powervm'
import { describe, expect, it } from 'vitest'
import { dlpar_attach_node, dlpar_configure_connector, dlpar_free_cc_nodes } from '../src/index.ts'
import {
  boot,
  bootWith,
  callers,
  cc,
  connector,
  DRC,
  eventsOf,
  FACILITIES,
  inTurns,
  leftBehind,
  leftSince,
  node,
  nodeAt,
  putWords,
  statuses,
  treeWithout,
  withFailure,
  type Piece,
  type Service,
} from './support.ts'

type device_node = ReturnType<typeof nodeAt>

/** Names of a node, its properties, its children and its siblings, in tree order. */
interface Built {
  readonly name: string
  readonly properties: readonly string[]
  readonly children: readonly Built[]
}

function built(dn: device_node): Built {
  const children: Built[] = []
  for (let child = dn.child; child !== null; child = child.sibling) children.push(built(child))
  const properties: string[] = []
  for (let pp = dn.properties; pp !== null; pp = pp.next) {
    const value = String.fromCharCode(...readBytes(must(pp.value), pp.length))
    properties.push(`${text(must(pp.name))}=${value}`)
  }
  return { name: text(must(dn.full_name)), properties, children }
}

/** Requests a node below the root from a firmware that answers with these pieces. */
function configure(pieces: readonly [Piece, ...Piece[]]): { machine: Machine; dn: device_node | null } {
  const machine = bootWith({ 'ibm,configure-connector': connector(pieces) })
  return { machine, dn: run(machine, () => dlpar_configure_connector(1, nodeAt('/'))) }
}

function builtBy(...pieces: readonly [Piece, ...Piece[]]): Built {
  const { machine, dn } = configure([...pieces, cc.complete])
  return machine.inspect(() => built(must(dn)))
}

describe('dlpar_configure_connector', () => {
  it('builds the tree in the order of the answers: nodes, their properties, steps up', () => {
    expect(
      builtBy(
        cc.child('top'),
        cc.property('a', '1'),
        cc.property('b', ''),
        cc.child('first'),
        cc.property('c', '2'),
        cc.sibling('second'),
        cc.property('d', '3'),
        cc.property('e', '4'),
        cc.child('grandchild'),
        cc.parent,
        cc.sibling('third'),
        cc.parent,
      ),
    ).toEqual({
      name: 'top',
      properties: ['a=1', 'b='],
      children: [
        { name: 'first', properties: ['c=2'], children: [] },
        {
          name: 'second',
          properties: ['d=3', 'e=4'],
          children: [{ name: 'grandchild', properties: [], children: [] }],
        },
        { name: 'third', properties: [], children: [] },
      ],
    })
  })

  it('creates dynamic nodes that are not flagged detached, with one reference and phandle 0', () => {
    const { machine, dn } = configure([cc.child('top'), cc.property('phandle', '\0\0\0\x07'), cc.complete])
    expect(run(machine, () => must(dn).parent === nodeAt('/'))).toBe(true)
    expect(node(machine, '/top')).toMatchObject({
      flags: ['OF_DYNAMIC'],
      refcount: 1,
      phandle: 0,
      inTree: false,
    })
  })

  it('takes no reference on the parent', () => {
    const machine = boot(new Partition())
    const before = node(machine, '/')?.refcount
    run(machine, () => dlpar_configure_connector(DRC.facilities, nodeAt('/')))
    expect(node(machine, '/')?.refcount).toBe(before)
  })

  it('passes the DRC index and a zero, and in each call the area of the previous one', () => {
    const seen: number[][] = []
    const machine = bootWith({
      'ibm,configure-connector': ([area, page]) => {
        if (!(area instanceof Uint8Array)) return [-3]
        const view = new DataView(area.buffer, area.byteOffset)
        seen.push([view.getUint32(0), view.getUint32(4), area.length, page as number])
        putWords(area, 4, [seen.length])
        return [seen.length < 3 ? -2 : -9003]
      },
    })
    run(machine, () => dlpar_configure_connector(0x50000007, nodeAt('/')))
    expect(seen).toEqual([
      [0x50000007, 0, 4096, 0],
      [0x50000007, 1, 4096, 0],
      [0x50000007, 2, 4096, 0],
    ])
  })

  it('calls again at status -2, any number of times', () => {
    expect(builtBy(cc.again, cc.again, cc.child('top'), cc.again, cc.property('a', '1'), cc.again)).toEqual({
      name: 'top',
      properties: ['a=1'],
      children: [],
    })
  })

  it('returns null if firmware completes immediately', () => {
    const { machine, dn } = configure([cc.complete])
    expect(dn).toBeNull()
    expect(machine.outcome).toBe('completed')
  })

  it.each([5, -9003, -1, -3, 6, 9900, 9905])(
    'stops at status %i with an error message and frees the partial tree',
    (status) => {
      const machine = bootWith({
        'ibm,configure-connector': connector([
          cc.child('top'),
          cc.property('a', '1'),
          cc.child('first'),
          cc.property('b', '2'),
          cc.sibling('second'),
          cc.parent,
          { status },
        ]),
      })
      let lines: string[] = []
      const left = leftBehind(machine, () => {
        lines = consoleOf(machine, () => {
          expect(run(machine, () => dlpar_configure_connector(1, nodeAt('/')))).toBeNull()
        })
      })
      expect(lines).toEqual([`Unexpected Error (${String(status)}) returned from configure-connector`])
      expect(left).toEqual([])
    },
  )

  it('returns null without a message if firmware has no such service', () => {
    const machine = boot(new Partition(), { devicetree: treeWithout('ibm,configure-connector') })
    const lines = consoleOf(machine, () => {
      expect(run(machine, () => dlpar_configure_connector(DRC.facilities, nodeAt('/')))).toBeNull()
    })
    expect(lines).toEqual([])
  })

  it('holds the lock of the global buffer only during a call', () => {
    const held: string[][] = []
    const machine: Machine = bootWith({
      'ibm,configure-connector': () => {
        held.push(must(machine.running).held_locks.map(({ lock }) => lock.name))
        return [0]
      },
    })
    run(machine, () => dlpar_configure_connector(1, nodeAt('/')))
    expect(held).toEqual([['rtas_data_buf_lock']])
    expect(machine.tasks.at(-1)?.held_locks).toEqual([])
  })
})

describe('dlpar_configure_connector, if memory is short,', () => {
  it('frees the partial tree and returns null for every failing allocation except a property name', () => {
    const partition = new Partition()
    const machine = boot(partition)
    const sent = partition.tree().filter(({ path }) => path.startsWith(FACILITIES))
    // Firmware adds the property "name".
    const properties = sent.reduce((sum, one) => sum + one.node.properties.length + 1, 0)
    const lost: string[] = []
    for (let number = 0; ; number++) {
      const from = machine.events.length
      const { failed, result: dn } = withFailure(machine, number, () =>
        run(machine, () => dlpar_configure_connector(DRC.facilities, nodeAt('/'))),
      )
      if (failed === null) break
      if (dn === null) expect(leftSince(machine, from)).toEqual([])
      else {
        lost.push(failed)
        run(machine, () => {
          dlpar_free_cc_nodes(dn)
        })
      }
    }
    expect(lost).toEqual(new Array(properties).fill('bytes'))
    expect(machine.outcome).toBe('completed')
  })

  it('leaves a property without a name, so attaching the node is an Oops', () => {
    const machine = bootWith({
      'ibm,configure-connector': connector([cc.child('top'), cc.property('a', '1'), cc.complete]),
    })
    // The allocations from 0 on: work area, node, name of the node, property, name of the property.
    const { failed, result: dn } = withFailure(machine, 4, () =>
      run(machine, () => dlpar_configure_connector(1, nodeAt('/'))),
    )
    expect(failed).toBe('bytes')
    runToDeath(machine, () => dlpar_attach_node(must(dn), nodeAt('/')))
    expect(machine.outcome).toBe('oops')
  })
})

describe('dlpar_configure_connector, with faulty firmware,', () => {
  it.each([
    ['a brother', cc.sibling('x'), '0x00000040'],
    ['a property', cc.property('a', '1'), '0x00000030'],
    ['the way up', cc.parent, '0x00000040'],
  ])('is an Oops for %s before the first node', (_what, piece, address) => {
    const machine = bootWith({ 'ibm,configure-connector': connector([piece, cc.complete]) })
    runToDeath(machine, () => dlpar_configure_connector(1, nodeAt('/')))
    expect(machine.outcome).toBe('oops')
    const [oops] = eventsOf(machine, 'oops', undefined, 0)
    expect(oops?.function).toBe('dlpar_configure_connector')
    expect(oops?.reason).toBe(`Unable to handle kernel paging request for data at address ${address}`)
    expect(oops?.held).toEqual([])
  })

  it('appends a property after a step up to the node of the last property', () => {
    expect(
      builtBy(
        cc.child('top'),
        cc.property('a', '1'),
        cc.child('below'),
        cc.property('b', '2'),
        cc.parent,
        cc.property('late', '3'),
      ),
    ).toEqual({
      name: 'top',
      properties: ['a=1'],
      children: [{ name: 'below', properties: ['b=2', 'late=3'], children: [] }],
    })
  })

  it('loses a first child if a second one follows a step up', () => {
    expect(builtBy(cc.child('top'), cc.child('one'), cc.parent, cc.child('two'))).toEqual({
      name: 'top',
      properties: [],
      children: [{ name: 'two', properties: [], children: [] }],
    })
  })

  it('climbs into the live tree and adds a child there, which replaces the existing children', () => {
    const { machine, dn } = configure([cc.child('top'), cc.parent, cc.child('stray'), cc.complete])
    expect(run(machine, () => text(must(must(nodeAt('/').child).full_name)))).toBe('stray')
    expect(machine.inspect(() => built(must(dn)))).toEqual({ name: 'top', properties: [], children: [] })
    expect(node(machine, FACILITIES)?.inTree).toBe(false)
  })

  it('climbs above the root; a child there gets no parent, a sibling or a property is an Oops', () => {
    const { machine, dn } = configure([cc.child('top'), cc.parent, cc.parent, cc.child('lost'), cc.complete])
    expect(machine.inspect(() => text(must(must(dn).full_name)))).toBe('top')
    expect(node(machine, '/lost')?.parent).toBeNull()
    for (const piece of [cc.sibling('x'), cc.property('a', '1'), cc.parent]) {
      const doomed = bootWith({
        'ibm,configure-connector': connector([cc.child('top'), cc.parent, cc.parent, piece, cc.complete]),
      })
      runToDeath(doomed, () => dlpar_configure_connector(1, nodeAt('/')))
      expect(doomed.outcome).toBe('oops')
    }
  })

  it('cannot append the very first property to a node that has properties: an Oops', () => {
    const machine = bootWith({
      'ibm,configure-connector': connector([cc.child('top'), cc.parent, cc.property('a', '1'), cc.complete]),
    })
    runToDeath(machine, () => dlpar_configure_connector(1, nodeAt('/rtas')))
    expect(machine.outcome).toBe('oops')
  })

  it.each([0x1000001, 0x7fffffff, 0x80000000, 0xffffffff])(
    'treats a property of length %i, too long for any allocation, as short memory',
    (length) => {
      const answer =
        (status: number): Service =>
        ([area]) => {
          if (area instanceof Uint8Array) putWords(area, 8, [0x100, length, 0x200])
          return [status]
        }
      const machine = bootWith({ 'ibm,configure-connector': inTurns(answer(2), answer(3)) })
      const left = leftBehind(machine, () => {
        expect(run(machine, () => dlpar_configure_connector(1, nodeAt('/')))).toBeNull()
      })
      expect(left).toEqual([])
    },
  )

  it('keeps the task in a soft lockup if firmware never ends', () => {
    const machine = bootWith({ 'ibm,configure-connector': statuses(-2) }, { callChains: false })
    runToDeath(machine, () => dlpar_configure_connector(1, nodeAt('/')))
    expect(machine.outcome).toBe('deadlock')
    expect(eventsOf(machine, 'hang', undefined, 0)).toMatchObject([
      { lock: 'ibm,configure-connector', held: [] },
    ])
    expect(machine.console.some((line) => line.includes('BUG: soft lockup'))).toBe(true)
  })
})

describe('dlpar_free_cc_nodes', () => {
  it('frees nodes with their properties by kfree, ignoring reference counts', () => {
    const machine = boot(new Partition())
    const puts: unknown[] = []
    const left = leftBehind(machine, () => {
      const dn = run(machine, () => dlpar_configure_connector(DRC.facilities, nodeAt('/')))
      puts.push(...eventsOf(machine, 'ref.put', () => run(machine, () => dlpar_free_cc_nodes(must(dn)))))
    })
    expect(left).toEqual([])
    expect(puts).toEqual([])
  })

  it('frees children first, then siblings, then the node', () => {
    const machine = bootWith({
      'ibm,configure-connector': connector([
        cc.child('top'),
        cc.child('one'),
        cc.sibling('two'),
        cc.parent,
        cc.complete,
      ]),
    })
    const dn = run(machine, () => dlpar_configure_connector(1, nodeAt('/')))
    const paths = new Map(
      ['/top', '/top/one', '/top/two'].map((path) => [must(node(machine, path)).object, path] as const),
    )
    const freed = eventsOf(machine, 'free', () => run(machine, () => dlpar_free_cc_nodes(must(dn))))
    const nodes = freed.filter((event) => event.struct === 'device_node')
    expect(nodes.map((event) => paths.get(event.object))).toEqual(['/top/two', '/top/one', '/top'])
    expect(callers(nodes[0], 'dlpar_free_cc_nodes')).toContain('dlpar_free_one_cc_node')
  })
})
