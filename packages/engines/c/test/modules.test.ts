// SPDX-License-Identifier: GPL-2.0-only
import { hostFunctions } from '@pfo-workbench/host'
import { parseModule } from '@pfo-workbench/ir'
import { addressOf, createMachine, type Machine } from '@pfo-workbench/machine'
import { translate } from '@pfo-workbench/object'
import { describe, expect, it } from 'vitest'
import { linkKernel } from '../src/index.ts'
import { insmod, rmmod } from '../src/booted/modules.ts'
import { realm } from './support/real-kernel.ts'

/** Instructions of IR are indented; labels are not. */
const indented = (code: string): string => code.replaceAll(/^/gm, '  ')

/** IR of a module with the bodies of its `init_module` and `cleanup_module`. */
const moduleText = (init: string, exit: string): string => `
target datalayout = "e-m:e-i64:64-n32:64"
@__this_module = external global [640 x i8]
@got = external global i32
declare i1 @try_module_get(ptr)
declare void @__module_get(ptr)
declare void @module_put(ptr)
define i32 @init_module() {
${indented(init)}
}
define void @cleanup_module() {
${indented(exit)}
}
`

const get = 'call void @__module_get(ptr @__this_module)'
const put = 'call void @module_put(ptr @__this_module)'
const tryGet = `%ok = call i1 @try_module_get(ptr @__this_module)
%number = zext i1 %ok to i32
%result = add i32 %number, 1
store i32 %result, ptr @got`

/** A machine whose kernel has modules, by name. */
function machineWith(modules: Readonly<Record<string, string>>): Machine {
  const kernel = translate(parseModule('@got = global i32 0\n'), { file: 'kernel.c', module: null })
  const objects = Object.entries(modules).map(([name, text]) =>
    translate(parseModule(text), { file: `${name}.c`, module: name }),
  )
  const hosts = hostFunctions(() => {
    throw new Error('there is no firmware')
  })
  return createMachine(linkKernel([kernel, ...objects], ['got']), {
    options: {
      release: { major: 6, minor: 1, text: '6.1.0' },
      slubPoison: true,
      lockDebugging: true,
      hungTaskTimeout: 10,
    },
    hosts,
    watches: [],
    webAssembly: realm,
  })
}

/** The result of the module's last call of `try_module_get`; null if the module made no such call. */
function lastGot(machine: Machine): boolean | null {
  const got = machine.image.symbols.find(({ name }) => name === 'got')
  const value = machine.memory.u32(addressOf(got?.address ?? 0n))
  return value === 0 ? null : value === 2
}

describe('modules', () => {
  it('are in use by the references to themselves only', () => {
    const machine = machineWith({
      used: moduleText(`${get}\nret i32 0`, 'ret void'),
      idle: moduleText(`${get}\n${put}\nret i32 0`, 'ret void'),
    })
    for (const name of ['used', 'idle']) expect(insmod(machine, name, true)).toBe(0)
    expect(rmmod(machine, 'used', true)).toBe(-11)
    expect(rmmod(machine, 'idle', true)).toBe(0)
    expect(rmmod(machine, 'used', true)).toBe(-11)
    expect(machine.linkedModules).toEqual(['used'])
  })

  it('without references can be unloaded and loaded again', () => {
    const machine = machineWith({
      a: moduleText('ret i32 0', 'ret void'),
      b: moduleText('ret i32 0', 'ret void'),
    })
    for (const name of ['a', 'b', 'a']) {
      expect(insmod(machine, name, true)).toBe(0)
      expect(rmmod(machine, name, true)).toBe(0)
    }
  })

  it('get a reference to themselves during init, but not during exit', () => {
    const machine = machineWith({ sample: moduleText(`${tryGet}\n${put}\nret i32 0`, `${tryGet}\nret void`) })
    expect(insmod(machine, 'sample', true)).toBe(0)
    expect(lastGot(machine)).toBe(true)
    expect(rmmod(machine, 'sample', true)).toBe(0)
    expect(lastGot(machine)).toBe(false)
  })

  it('that failed to load can be loaded again', () => {
    const machine = machineWith({ sample: moduleText('ret i32 -5', 'ret void') })
    for (let i = 0; i < 2; i++) expect(insmod(machine, 'sample', true)).toBe(-5)
    expect(machine.journal.events.filter(({ type }) => type === 'warn')).toEqual([])
  })

  it('that dropped the reference of the kernel cannot be unloaded', () => {
    const machine = machineWith({ sample: moduleText(`${put}\nret i32 0`, 'ret void') })
    expect(insmod(machine, 'sample', true)).toBe(0)
    expect(machine.journal.events.filter(({ type }) => type === 'warn')).toEqual([])
    expect(rmmod(machine, 'sample', true)).toBeNull()
    expect(machine.journal.events.find(({ type }) => type === 'oops')).toMatchObject({
      fields: { reason: 'kernel BUG at kernel/module/main.c:0!' },
    })
  })
})
