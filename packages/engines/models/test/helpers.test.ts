// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { helpersIn } from '../src/compile/helpers.ts'
import { base, play, replacing, useWorkshop } from './fixture.ts'

const workshop = useWorkshop()

it('a helper is new, static, and only called', () => {
  const text = `
function known() {}
export function exported() {}
function callback() {}
function helper() { known() }
function kept() { helper(); register(callback) }
`
  const found = helpersIn('x.ts', text, (name) => ['known', 'kept'].includes(name))
  expect([...found]).toEqual(['helper'])
})

it('call chains attribute a helper that a patch extracts to the calling function', async () => {
  const taken = replacing(
    'export function of_node_put(node: device_node): string {\n  return put(node)\n}\n',
    'export function of_node_put(node: device_node): string {\n  return put_one(node)\n}\n\nfunction put_one(node: device_node): string {\n  return put(node)\n}\n',
  )
  expect(await play(await workshop.build('taken', { [base]: taken }), 'release')).toMatchObject([
    { output: 'chain < put < of_node_put < put < vio_release' },
  ])
})
