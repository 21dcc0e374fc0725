// SPDX-License-Identifier: GPL-2.0-only
import { device_node, kstrdup, kzalloc } from '@pfo-workbench/kernel'
import { consoleOf, must, run } from '@pfo-workbench/kernel/testing'
import { of_node_init } from '@pfo-workbench/of'
import { Partition } from '@pfo-workbench/powervm'
import { expect, it, vi } from 'vitest'
import { dlpar_attach_node } from '../src/index.ts'
import { boot, count, FACILITIES, leftBehind, nodeAt } from './support.ts'

// In v4.18 of_attach_node never fails. A patch may make it fail, so the error paths of its callers are tested here.
vi.mock('@pfo-workbench/of', async (original) => ({
  ...(await original<typeof import('@pfo-workbench/of')>()),
  of_attach_node: () => -12,
}))

it('a node from configure-connector that cannot be attached is logged and left to the caller', () => {
  const machine = boot(new Partition())
  const lines = consoleOf(machine, () => {
    const rc = run(machine, () => {
      const dn = must(kzalloc(device_node))
      dn.full_name = kstrdup('new')
      of_node_init(dn)
      return dlpar_attach_node(dn, nodeAt(FACILITIES))
    })
    expect(rc).toBe(-12)
  })
  expect(lines).toEqual([`Failed to add device node ${FACILITIES}/new`])
})

it('a node from ofdt that cannot be attached is logged by path and freed with its properties; its parent is put', () => {
  const machine = boot(new Partition())
  const before = count(machine, FACILITIES)
  const path = `${FACILITIES}/new`
  const lines = consoleOf(machine, () => {
    const left = leftBehind(machine, () => {
      expect(machine.write('/proc/powerpc/ofdt', `add_node ${path} a 1 x`)).toBe(-12)
    })
    expect(left).toEqual([])
  })
  expect(lines).toEqual([`Failed to add device node ${path}`])
  expect(count(machine, FACILITIES)).toBe(before)
})
