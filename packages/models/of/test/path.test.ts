// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { must, run } from '@pfo-workbench/kernel/testing'
import {
  of_detach_node,
  of_find_node_by_path,
  of_machine_is_compatible,
  of_node_get,
  of_node_put,
} from '../src/index.ts'
import { node } from './support/dtb.ts'
import { at, attach, boot, CPU, facilities, P, R, nameOf, total } from './support/of.ts'

describe('paths', () => {
  it.each<[string, string | null]>([
    ['/', ''],
    ['/cpus', 'cpus'],
    [CPU, 'PowerPC,POWER9@0'],
    [R, 'ibm,random-v1'],
    [`${R}:115200`, 'ibm,random-v1'],
    ['cpu0', 'PowerPC,POWER9@0'],
    ['cpu0:n8', 'PowerPC,POWER9@0'],
    ['/cpus/PowerPC,POWER9', null],
    ['/CPUS', null],
    ['/cpus/', null],
    ['//cpus', null],
    ['/cpus:a/b', 'cpus'],
    ['/:options', null],
    ['cpu0/none', null],
    ['cpu0/none:opts', null],
    ['cpu1', null],
    ['', null],
    [':opts', null],
  ])('%j resolves to %j', (path, expected) => {
    run(boot(facilities()), () => {
      const before = total()
      const np = of_find_node_by_path(path)
      expect(nameOf(np)).toBe(expected)
      expect(total()).toBe(before + (np === null ? 0 : 1))
    })
  })

  it('of nodes that are no longer in the tree resolve to nothing', () => {
    run(boot(facilities()), () => {
      of_detach_node(of_node_get(at(R)))
      expect(of_find_node_by_path(R)).toBeNull()
    })
  })

  it('after an alias continue below its node', () => {
    const machine = boot(
      node('', {}, [node('soc', {}, [node('uart@1')]), node('aliases', { soc: '/soc', gone: '/gone' })]),
    )
    run(machine, () => {
      expect(of_find_node_by_path('soc/uart@1')).toBe(at('/soc/uart@1'))
      expect(of_find_node_by_path('soc/uart@1:9600')).toBeNull()
      expect(of_find_node_by_path('gone')).toBeNull()
      expect(of_find_node_by_path('name')).toBeNull()
    })
  })

  it('must begin with / if there is no /aliases', () => {
    expect(
      run(boot(node('', {}, [node('a')])), () => [
        of_find_node_by_path('a'),
        nameOf(of_find_node_by_path('/a')),
      ]),
    ).toEqual([null, 'a'])
  })

  it('find nothing in an empty machine', () => {
    const machine = boot(node(''), {}, { devicetree: new Uint8Array(0) })
    run(machine, () => {
      expect([of_find_node_by_path('/'), of_find_node_by_path('/a'), of_find_node_by_path('a')]).toEqual([
        null,
        null,
        null,
      ])
      expect(of_machine_is_compatible('x')).toBe(0)
    })
  })

  it('find the node attached last if two have the same name', () => {
    run(boot(facilities()), () => {
      const second = attach(P, 'ibm,random-v1')
      expect(at(R)).toBe(second)
    })
  })

  it('find every node of any tree, and the first child if names repeat', () => {
    const child = fc.stringMatching(/^[a-c](@[0-9])?$/)
    fc.assert(
      fc.property(fc.array(fc.tuple(child, fc.array(child, { maxLength: 3 })), { maxLength: 4 }), (spec) => {
        const machine = boot(
          node(
            '',
            {},
            spec.map(([name, below]) =>
              node(
                name,
                {},
                below.map((one) => node(one)),
              ),
            ),
          ),
          {},
          { callChains: false },
        )
        run(machine, () => {
          const before = total()
          for (const [name, below] of spec) {
            const np = must(of_find_node_by_path(`/${name}`))
            expect(nameOf(np)).toBe(name)
            of_node_put(np)
            const first = spec.find(([other]) => other === name)
            for (const one of below) {
              const found = of_find_node_by_path(`/${name}/${one}`)
              expect(nameOf(found)).toBe(first?.[1].includes(one) === true ? one : null)
              of_node_put(found)
            }
          }
          expect(total()).toBe(before)
        })
      }),
      { numRuns: 40 },
    )
  })
})
