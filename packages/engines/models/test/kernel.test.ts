// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseSeries } from '@pfo-workbench/patch'
import { expect, it } from 'vitest'
import { findPackages, VariantError } from '@pfo-workbench/variant'
import { modelPaths, VariantBuilder } from '../src/index.ts'
import { play, specOf } from './fixture.ts'

/** The functions stand for kernel code, so the file has the suffix of such files. */
const driver = `import { bootMachine, kfree, kzalloc, struct } from '@pfo-workbench/kernel'

class widget extends struct {
  size = 1
}

function widget_release(): void {
  const one = kzalloc(widget)
  kfree(one)
  if (one !== null) one.size++
}

export function play(): string {
  const machine = bootMachine({ devicetree: new Uint8Array(), subsystems: [] })
  machine.task('test', widget_release)
  return machine.events
    .slice(-4)
    .map((event) => [event.type, ...event.chain.map((frame) => frame.function)].join(' '))
    .join('; ')
}
`

it('the kernel model, unpatched and patched, runs in the sandbox with its call chains', async () => {
  const models = findPackages(['@pfo-workbench/kernel'], import.meta.dirname)
  const root = mkdtempSync(join(tmpdir(), 'pfo-kernel-'))
  const file = join(root, 'driver.kernel.ts')
  writeFileSync(file, driver)
  await using builder = await VariantBuilder.create({
    models,
    entry: `export { play } from ${JSON.stringify(file)}\n`,
  })
  const path = 'packages/models/kernel/src/machine/halt.ts'
  const patch = `--- /dev/null\n+++ b/${path.replace('halt', 'extra')}\n@@ -0,0 +1 @@\n+export const extra: number = 1\n`
  const baseline = await builder.build({ id: 'baseline', title: '', patches: [] })
  const patched = await builder.build(
    specOf(['extra', parseSeries(patch, { source: 'extra.patch', paths: modelPaths })]),
  )
  rmSync(root, { recursive: true })
  expect([baseline.reason, patched.reason]).toEqual([undefined, undefined])
  for (const variant of [baseline, patched]) {
    const [result] = await play(variant, '')
    expect(result).toMatchObject({
      output:
        'alloc kzalloc widget_release; free kfree widget_release; use-after-free widget_release; use-after-free widget_release',
    })
  }
})

it('a missing package is an error that names the package', () => {
  expect(() => findPackages(['@pfo-workbench/nothing'], import.meta.dirname)).toThrow(VariantError)
  expect(() => findPackages(['@pfo-workbench/nothing'], import.meta.dirname)).toThrow(
    /@pfo-workbench\/nothing is not installed/,
  )
})
