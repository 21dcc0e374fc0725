// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  do_one_initcall,
  EAGAIN,
  EBUSY,
  EEXIST,
  ENODEV,
  ENOENT,
  ENOSYS,
  loadedModules,
  might_sleep,
  module_put,
  oops,
  rcu_read_lock,
  spin_lock_irqsave,
  spinlock,
  try_module_get,
  WARN_ON,
  type Module,
} from '../src/index.ts'
import { consoleOf, eventsOf, must, run } from '../src/testing.ts'
import { boot, functionsOf, it } from './support.ts'

/** A module that logs the calls of its init and exit. */
function moduleOf(name: string, log: string[], init: () => number = () => 0): Module {
  return {
    name,
    init: function test_init() {
      log.push(`init ${name}`)
      return init()
    },
    exit: function test_exit() {
      log.push(`exit ${name}`)
    },
  }
}

describe('a module', () => {
  it('is loaded and unloaded by name, each in a task of its own', () => {
    const log: string[] = []
    const machine = boot({}, { modules: [moduleOf('pseries_rng', log), moduleOf('nx_crypto', log)] })
    expect(machine.insmod('pseries_rng')).toBe(0)
    expect(machine.insmod('nx_crypto')).toBe(0)
    expect(run(machine, loadedModules)).toEqual(['nx_crypto', 'pseries_rng'])
    expect(machine.rmmod('pseries_rng')).toBe(0)
    expect(run(machine, loadedModules)).toEqual(['nx_crypto'])
    expect(log).toEqual(['init pseries_rng', 'init nx_crypto', 'exit pseries_rng'])
    expect(machine.tasks.map((task) => task.comm).filter((comm) => comm.endsWith('mod'))).toEqual([
      'insmod',
      'insmod',
      'rmmod',
    ])
    expect(eventsOf(machine, 'module.load')).toMatchObject([
      { module: 'pseries_rng', result: 0 },
      { module: 'nx_crypto', result: 0 },
    ])
    expect(eventsOf(machine, 'module.unload')).toMatchObject([{ module: 'pseries_rng', result: 0 }])
  })

  it('is not loaded if its init fails', () => {
    const machine = boot({}, { modules: [moduleOf('nx_compress_pseries', [], () => -ENODEV)] })
    expect(machine.insmod('nx_compress_pseries')).toBe(-ENODEV)
    expect(machine.rmmod('nx_compress_pseries')).toBe(-ENOENT)
    expect(eventsOf(machine, 'module.load')).toMatchObject([{ result: -ENODEV }])
  })

  it('cannot be loaded twice, nor unloaded if it is not loaded', () => {
    const machine = boot({}, { modules: [moduleOf('m', [])] })
    expect(machine.rmmod('m')).toBe(-ENOENT)
    machine.insmod('m')
    expect(machine.insmod('m')).toBe(-EEXIST)
    expect(machine.rmmod('m')).toBe(0)
    expect(machine.insmod('m')).toBe(0)
  })

  it('that the machine does not have returns -ENOENT', ({ machine }) => {
    expect([machine.insmod('none'), machine.rmmod('none')]).toEqual([-ENOENT, -ENOENT])
  })

  it('is not loaded if its init dies, and insmod does not return', () => {
    const machine = boot({}, { modules: [moduleOf('m', [], () => oops('x'))] })
    expect(machine.insmod('m')).toBeNull()
    expect(machine.outcome).toBe('oops')
    expect(run(machine, loadedModules)).toEqual([])
  })

  it('whose init died cannot be unloaded, and loading it again waits forever', () => {
    const machine = boot({}, { modules: [moduleOf('m', [], () => oops('x'))] })
    machine.insmod('m')
    expect(machine.insmod('m')).toBeNull()
    expect(eventsOf(machine, 'hang')).toMatchObject([{ lock: 'module_wq', holder: 'the init of m' }])
    expect(machine.rmmod('m')).toBe(-EBUSY)
  })

  it('whose exit died, or that has no exit, stays loaded', () => {
    const dying: Module = { name: 'dying', init: () => 0, exit: () => oops('x') }
    const staying: Module = { name: 'staying', init: () => 0 }
    const machine = boot({}, { modules: [dying, staying] })
    machine.insmod('staying')
    expect(machine.rmmod('staying')).toBe(-EBUSY)
    machine.insmod('dying')
    expect(machine.rmmod('dying')).toBeNull()
    expect([machine.rmmod('dying'), machine.insmod('dying')]).toEqual([-EBUSY, -EEXIST])
  })

  it('is unloaded only after its last user is gone', () => {
    const log: string[] = []
    const module = moduleOf('m', log)
    const machine = boot({}, { modules: [module] })
    expect(run(machine, () => try_module_get(module))).toBe(false)
    machine.insmod('m')
    expect(
      run(machine, () => [try_module_get(module), try_module_get(module), try_module_get(null)]),
    ).toEqual([true, true, true])
    run(machine, () => {
      module_put(module)
      module_put(null)
    })
    expect([machine.rmmod('m'), log]).toEqual([-EAGAIN, ['init m']])
    run(machine, () => {
      module_put(module)
    })
    expect([machine.rmmod('m'), log]).toEqual([0, ['init m', 'exit m']])
    expect(eventsOf(machine, 'module.unload')).toHaveLength(1)
  })

  it('gets no new users while it is unloaded', () => {
    const results: boolean[] = []
    const module: Module = { name: 'm', init: () => 0, exit: () => results.push(try_module_get(module)) }
    const machine = boot({}, { modules: [module] })
    machine.insmod('m')
    expect([machine.rmmod('m'), results]).toEqual([0, [false]])
  })

  it('loses the reference of the kernel by a surplus put, and only the next put warns', () => {
    const module = moduleOf('m', [])
    const machine = boot({}, { modules: [module] })
    machine.insmod('m')
    const put = () =>
      run(machine, () => {
        module_put(module)
      })
    put()
    expect(eventsOf(machine, 'warn')).toEqual([])
    expect(run(machine, () => try_module_get(module))).toBe(false)
    put()
    expect(eventsOf(machine, 'warn')).toMatchObject([{ file: 'kernel/module.c', function: 'module_put' }])
    expect(machine.rmmod('m')).toBeNull()
    expect(machine.console).toContainEqual(expect.stringContaining('kernel BUG at kernel/module.c:919!'))
  })

  it('keeps module_mutex if its unloading is a BUG: all later loading and unloading waits forever', () => {
    const module = moduleOf('m', [])
    const machine = boot({}, { modules: [module, moduleOf('other', [])] })
    machine.insmod('m')
    run(machine, () => {
      module_put(module)
    })
    expect(machine.rmmod('m')).toBeNull()
    const lines = consoleOf(machine, () => {
      expect(machine.rmmod('m')).toBeNull()
    })
    expect(lines).toEqual([])
    expect(machine.insmod('other')).toBeNull()
    expect(machine.console).toContainEqual(expect.stringMatching(/^INFO: task insmod:\d+ blocked/))
    expect(eventsOf(machine, 'hang').map(({ lock }) => lock)).toEqual(['module_mutex', 'module_mutex'])
    expect(eventsOf(machine, 'oops')).toHaveLength(1)
    // The counter is -1 by then, which is not 0.
    expect(run(machine, () => try_module_get(module))).toBe(true)
  })

  it.each([
    [0, 1, []],
    [0, 2, ['module_put']],
    [-ENODEV, 1, []],
    [-ENODEV, 2, ['module_put']],
  ])('whose init returns %d after %d surplus puts has this many warnings', (result, puts, warnings) => {
    const module: Module = moduleOf('m', [], () => {
      for (let put = 0; put < puts; put++) module_put(module)
      return result
    })
    const machine = boot({}, { modules: [module] })
    expect(machine.insmod('m')).toBe(result)
    expect(eventsOf(machine, 'warn').map((warning) => warning.function)).toEqual(warnings)
    expect(run(machine, () => try_module_get(module))).toBe(false)
  })

  it('warns about a put in its exit', () => {
    const module: Module = {
      name: 'm',
      init: () => 0,
      exit: () => {
        module_put(module)
      },
    }
    const machine = boot({}, { modules: [module] })
    machine.insmod('m')
    expect(machine.rmmod('m')).toBe(0)
    expect(eventsOf(machine, 'warn')).toHaveLength(1)
  })

  it('is loaded, with a message, if its init returns a positive number', () => {
    const machine = boot({}, { modules: [moduleOf('m', [], () => 3)] })
    const lines = consoleOf(machine, () => {
      expect(machine.insmod('m')).toBe(0)
    })
    expect(lines.slice(0, 2)).toEqual([
      "do_init_module: 'm'->init suspiciously returned 3, it should follow 0/-E convention",
      'do_init_module: loading module anyway...',
    ])
    expect(run(machine, loadedModules)).toEqual(['m'])
  })

  it('is refused by a kernel without modules', () => {
    const machine = boot({ modules: false }, { modules: [moduleOf('m', [])] })
    expect([machine.insmod('m'), machine.rmmod('m'), machine.tasks.length]).toEqual([-ENOSYS, -ENOSYS, 1])
  })

  it('is marked in reports while its init or exit runs', () => {
    const module: Module = {
      name: 'm',
      init: () => (WARN_ON(true, 'x.c:1'), 0),
      exit: () => WARN_ON(true, 'x.c:2'),
    }
    const machine = boot({}, { modules: [module] })
    machine.insmod('m')
    machine.rmmod('m')
    expect(machine.console.filter((line) => line.startsWith('Modules'))).toEqual([
      'Modules linked in: m(+)',
      'Modules linked in: m(-)',
    ])
  })

  it('is listed in reports while it is linked in, newest first', () => {
    const machine = boot({}, { modules: [moduleOf('a', []), moduleOf('b', [])] })
    machine.insmod('a')
    machine.insmod('b')
    run(machine, () => WARN_ON(true, 'x.c:1'))
    machine.rmmod('b')
    run(machine, () => WARN_ON(true, 'x.c:1'))
    expect(machine.console.filter((line) => line.startsWith('Modules'))).toEqual([
      'Modules linked in: b a',
      'Modules linked in: a',
    ])
  })

  it('runs its init as an initcall', () => {
    const machine = boot({}, { modules: [moduleOf('m', [], () => (WARN_ON(true, 'x.c:1'), 0))] })
    machine.insmod('m')
    const [warning] = eventsOf(machine, 'warn')
    expect(functionsOf(must(warning).chain)).toEqual([
      'warn_slowpath_fmt',
      'test_init',
      'do_one_initcall',
      'do_init_module',
    ])
  })
})

describe('an initcall', () => {
  it('that returns nothing counts as 0', ({ machine }) => {
    expect(run(machine, () => [do_one_initcall(() => undefined), do_one_initcall(() => -ENODEV)])).toEqual([
      0,
      -ENODEV,
    ])
  })

  it('that returns in an atomic section or with interrupts off is reported, and both end', ({ machine }) => {
    const lock = new spinlock('lock')
    run(machine, () => {
      do_one_initcall(function pseries_rng_init() {
        rcu_read_lock()
      })
      do_one_initcall(function nx842_pseries_init() {
        spin_lock_irqsave(lock)
      })
      might_sleep('x.c:1')
    })
    expect(eventsOf(machine, 'warn').map(({ text }) => text)).toEqual([
      'initcall pseries_rng_init returned with preemption imbalance ',
      'initcall nx842_pseries_init returned with preemption imbalance disabled interrupts ',
    ])
    expect(eventsOf(machine, 'lock.report')).toEqual([])
  })
})
