// SPDX-License-Identifier: GPL-2.0-only
import { transformSync } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { choose, mutationKinds, mutationsOf, plant } from '../mutants/mutations.ts'
import { allMutations, kernelSources } from '../mutants/play.ts'

const source = `export function f(dn) {
  if (dn === null) return -EINVAL
  of_node_get(
    dn,
  )
  of_node_put(dn)
  return dn.full ? 1 : 2
}
register(f)
`

/** Source line before and after each mutation. */
const planted = mutationsOf('x.ts', source).map((mutation) => ({
  ...mutation,
  text: plant(source, mutation),
}))

describe('a planted fault', () => {
  it('is a removed call, a negated condition, a changed errno or a doubled put, in a function', () => {
    expect(planted.map(({ line, kind, after }) => [line, kind, after])).toEqual([
      [2, 'condition negated', '!(dn === null)'],
      [2, 'errno changed', '-(EINVAL + 1)'],
      [3, 'call taken out', ''],
      [6, 'call taken out', ''],
      [6, 'put doubled', '{ of_node_put(dn); of_node_put(dn) }'],
      [7, 'condition negated', '!(dn.full)'],
    ])
  })

  it('is not planted where events are recorded, directly or by a function that does nothing else', () => {
    const recording = `function tell(dn) {
  const object = objectId(dn)
  emitEvent('node.attach', { object })
}
export function f(dn) {
  emitEvent('node.detach', {})
  tell(dn)
  attach(dn)
}
`
    expect(mutationsOf('x.ts', recording).map(({ line, before }) => [line, before])).toEqual([
      [8, 'attach(dn)'],
    ])
  })

  it('is not planted in code that inspects a run or tries something out', () => {
    const inspecting = `/** Names of the nodes. For inspection. */
export function nodeNames() {
  if (root === null) return -ENODEV
  return names(root)
}
/** Models \`f\`. */
export function f(dn) {
  if (machine.trial === null && !machine.inspecting) g(dn)
  if (machine.trial === null || dn === null) return
}
`
    expect(mutationsOf('x.ts', inspecting).map(({ line, before }) => [line, before])).toEqual([
      [8, 'g(dn)'],
      [9, 'machine.trial === null || dn === null'],
    ])
  })

  it('changes no other line', () => {
    const lines = source.split('\n')
    for (const { text, line } of planted) {
      const own = text.split('\n')
      expect(own).toHaveLength(lines.length)
      expect(own.slice(0, line - 1)).toEqual(lines.slice(0, line - 1))
      expect(own.slice(line + 2)).toEqual(lines.slice(line + 2))
    }
  })

  it('is chosen by a seed', () => {
    const numbers = Array.from({ length: 100 }, (_, index) => index)
    expect(choose(numbers, 10, 4)).toEqual(choose(numbers, 10, 4))
    expect(choose(numbers, 10, 4)).not.toEqual(choose(numbers, 10, 5))
    expect(new Set(choose(numbers, 1000, 4)).size).toBe(100)
  })

  it('can be of each kind in the models, and leaves a valid program', async () => {
    const sources = await kernelSources()
    const all = allMutations(sources)
    expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(mutationKinds))
    for (const mutation of choose(all, 60, 1)) {
      const text = plant(sources.get(mutation.path) ?? '', mutation)
      expect(() => transformSync(text, { loader: 'ts' })).not.toThrow()
    }
  })
})
