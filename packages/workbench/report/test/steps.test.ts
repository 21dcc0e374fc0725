// SPDX-License-Identifier: GPL-2.0-only
import type { PlayedStep, Step, StepResult } from '@pfo-workbench/run'
import { expect, it } from 'vitest'
import { chainText } from '../src/view/chain.ts'
import { stepResult, stepTitle } from '../src/view/steps.ts'
import { chainOf } from './support.ts'

it.each<[Step | null, string]>([
  [null, 'boot'],
  [{ load: ['a', 'b'] }, 'load a, b'],
  [{ unload: ['a'] }, 'unload a'],
  [{ migrate: { readd: 'hierarchy' } }, 'migrate (one ADD for the hierarchy)'],
  [{ migrate: { readd: 'per-node' } }, 'migrate (one ADD per node)'],
  [
    { migrate: { readd: 'per-node', statuses: { 'ibm,suspend-me': [-1] } } },
    'migrate (one ADD per node; ibm,suspend-me fails)',
  ],
  [{ ofdt: ['remove_node /x', 'add_node /x name 2 x'] }, 'ofdt remove_node /x, add_node /x'],
  [{ read: ['/sys/a', '/proc/b'] }, 'read /sys/a, /proc/b'],
  [
    { update: { node: '/vdevice', property: 'status', value: 'x', by: 'migration' } },
    'update /vdevice status (migration)',
  ],
  [{ lookup: ['/x', 0xfffffff4] }, 'look up /x, 0xfffffff4'],
  [{ fail: { allocation: 2, in: null } }, 'make allocation 2 of the next step fail'],
  [{ fail: { allocation: 1, in: 'f_1' } }, 'make allocation 1 in f_1 of the next step fail'],
  [
    { firmware: { statuses: { 'set-indicator': [-1], 'get-sensor-state': [0, -1] } } },
    'make later calls of set-indicator and get-sensor-state fail',
  ],
  [{ write: { path: '/sys/a', data: '1' } }, 'write /sys/a'],
])('a step is described in one line: %j', (step, title) => {
  expect(stepTitle(step)).toBe(title)
})

it.each<[StepResult, string]>([
  [{ kind: 'boot', outcome: 'oops' }, 'oops'],
  [
    {
      kind: 'load',
      modules: [
        { module: 'a', errno: 0 },
        { module: 'b', errno: -17 },
        { module: 'c', errno: null },
      ],
    },
    'a: ok, b: -EEXIST, c: did not return',
  ],
  [{ kind: 'unload', modules: [{ module: 'a', errno: -2 }] }, 'a: -ENOENT'],
  [{ kind: 'migrate', errno: 0 }, 'ok'],
  [{ kind: 'update', errno: null }, 'did not return'],
  [{ kind: 'write', errno: -517 }, '-EPROBE_DEFER'],
  [{ kind: 'write', errno: -41 }, '-41'],
  [
    {
      kind: 'lookup',
      lookups: [
        { target: '/x', found: true },
        { target: 0x1234, found: false },
        { target: 1, found: null },
      ],
    },
    '/x: found, 0x1234: not found, 0x1: did not return',
  ],
  [{ kind: 'ofdt', writes: [{ command: 'remove_node /x', errno: -19 }] }, 'remove_node /x: -ENODEV'],
  [{ kind: 'fail' }, 'ok'],
  [
    {
      kind: 'read',
      files: [
        { path: '/a', content: 'x\n', errno: 0 },
        { path: '/b', content: null, errno: -133 },
        { path: '/c', content: '\u009b\u202e', errno: 0 },
      ],
    },
    String.raw`/a: "x\n", /b: -EHWPOISON, /c: "\u009b\u202e"`,
  ],
])('a result is described in one line: %j', (result, text) => {
  expect(stepResult({ result, failure: null })).toBe(text)
})

it('the result of a step names the allocation that was made to fail, if one was', () => {
  const told = (failure: PlayedStep['failure']): string =>
    stepResult({ result: { kind: 'migrate', errno: 0 }, failure })
  expect(told({ chain: chainOf('kmalloc < kmemdup < kstrdup < dlpar_parse_cc_node < f') })).toBe(
    'ok; failed: kmalloc < kmemdup < kstrdup < dlpar_parse_cc_node',
  )
  expect(told({ chain: null })).toBe('ok; no allocation failed')
})

it('a call chain gives file and line where they are known', () => {
  expect(
    chainText([
      { function: 'f', file: 'drivers/of/base.c', line: 7 },
      { function: 'g', file: 'a.h' },
      { function: 'h' },
    ]),
  ).toBe('f (base.c:7) < g (a.h) < h')
})
