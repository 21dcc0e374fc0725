// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hostFunctions, type Firmware } from '../src/index.ts'
import { hostMachine } from './host-machine.ts'

const hosts = hostFunctions((): Firmware => {
  throw new Error('no firmware')
})
const tests = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.test.ts') && name !== 'all-hosts.test.ts')
  .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
  .join('\n')

describe('every host function', () => {
  it('that is modelled has a test that names it', () => {
    const modelled = Object.entries(hosts).filter(([, { status }]) => status === 'modelled')
    const untested = modelled
      .map(([name]) => name)
      // The tests cover kinds of algorithms by the suffixes of these names.
      .filter((name) => !/^crypto_(un)?register_/.test(name))
      .filter((name) => !new RegExp(`['"\`]${name}['"\`]`).test(tests))
    expect(untested).toEqual([])
  })

  it('that is assumed has a name that does not suggest allocation, locking or reference counting', () => {
    const assumed = Object.entries(hosts).filter(([, { status }]) => status === 'assumed')
    // The known exception allocates a structure that does not exist here.
    const odd = assumed
      .map(([name]) => name)
      .filter(
        (name) =>
          /alloc|_get$|_put$|lock$|kref|kobject|of_node|pm_|debugfs|sysctl|pernet/.test(name) &&
          name !== 'pcibios_alloc_controller',
      )
    expect(odd).toEqual([])
  })

  it('that is assumed never replaces C', () => {
    const assumed = Object.values(hosts).filter(({ status }) => status === 'assumed')
    expect(assumed.filter(({ onlyMissing }) => onlyMissing !== true)).toEqual([])
  })

  it('that is assumed is listed by a run that called it', () => {
    const host = hostMachine()
    host.call('slb_set_size', 1)
    expect([...host.machine.assumed]).toEqual(['slb_set_size'])
  })
})
