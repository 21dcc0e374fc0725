// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  bootMachine,
  currentMachine,
  currentTask,
  emitEvent,
  errnoName,
  fileScope,
  formatChain,
  initialBootParams,
  initLevels,
  kfree,
  kmalloc,
  kobject_get,
  Machine,
  mutex,
  mutex_lock,
  oops,
  pr_info,
  proc_create,
  recordedConfig,
  WARN_ON,
  type Subsystem,
} from '../src/index.ts'
import { consoleOf, eventsOf, must, run } from '../src/testing.ts'
import { enterKernel } from '../src/machine/calls.ts'
import { boot, functionsOf, it, new_thing } from './support.ts'

const counter = fileScope(() => ({ value: 0 }))

function count(): number {
  return ++counter().value
}

describe('a machine', () => {
  it('is current while it executes; model code outside a machine is refused', ({ machine }) => {
    expect(() => currentMachine()).toThrow('model code ran outside a machine')
    expect(() => machine.inspect(() => currentTask())).toThrow('model code ran outside a task')
    run(machine, () => {
      expect(currentMachine()).toBe(machine)
      expect(currentTask().comm).toBe('test')
    })
    expect(() => currentMachine()).toThrow('boot one with bootMachine()')
  })

  it('is independent of other machines in the process', () => {
    const [first, second] = [boot(), boot({ refcount: 'plain' })]
    expect([run(first, count), run(first, count), run(second, count)]).toEqual([1, 2, 1])
    run(first, () => {
      pr_info('first only\n')
      WARN_ON(true, 'x.c:1')
      proc_create('file', { read: () => 'first' })
    })
    expect(second.console).toEqual([])
    expect([first.read('/proc/file'), second.read('/proc/file')]).toEqual(['first', -2])
    first.task('dead', () => oops('x'))
    expect([first.outcome, second.outcome]).toEqual(['oops', 'completed'])
  })

  it('is current again after another machine ran inside it', () => {
    const [outer, inner] = [boot(), boot()]
    run(outer, () => {
      count()
      expect(run(inner, () => currentMachine())).toBe(inner)
      inner.task('dead', () => oops('x'))
      expect(currentMachine()).toBe(outer)
      expect(count()).toBe(2)
    })
    expect(outer.outcome).toBe('completed')
  })

  it('is no longer current after a task dies or throws', ({ machine }) => {
    machine.task('dead', () => oops('x'))
    expect(() =>
      machine.task('throws', () => {
        throw new Error('program fault')
      }),
    ).toThrow('program fault')
    expect(() => currentMachine()).toThrow()
  })

  it('has the configuration of the recorded kernel by default', () => {
    expect(boot().config).toEqual(recordedConfig)
    expect(boot({ modules: false }).config).toEqual({ ...recordedConfig, modules: false })
    expect(boot().firmware).toBeNull()
  })
})

describe('tasks', () => {
  it('are numbered from the boot, and end', ({ machine }) => {
    run(machine, () => undefined)
    expect(machine.tasks.map((task) => [task.label, task.state])).toEqual([
      ['swapper/1', 'dead'],
      ['test/2', 'dead'],
    ])
  })

  it('nest: the outer task continues after the inner one', ({ machine }) => {
    run(machine, () => {
      machine.task('inner', () => {
        expect(currentTask().comm).toBe('inner')
      })
      expect(currentTask().comm).toBe('test')
    })
  })

  it('that do not return set the outcome of the machine; the first one decides', ({ machine }) => {
    const lock = new mutex('lock')
    machine.task('hangs', () => {
      mutex_lock(lock)
      mutex_lock(lock)
    })
    expect(machine.outcome).toBe('deadlock')
    machine.task('dies', () => oops('x'))
    expect(machine.outcome).toBe('deadlock')
  })
})

describe('booting', () => {
  it('runs initcalls level by level, and within a level subsystem by subsystem', () => {
    const order: string[] = []
    const subsystem = (name: string): Subsystem => ({
      name,
      initcalls: [...initLevels].reverse().map((level) => ({
        level,
        fn: () => order.push(`${level} ${name}`),
      })),
    })
    bootMachine({ devicetree: new Uint8Array(), subsystems: [subsystem('of'), subsystem('vio')] })
    expect(order).toEqual(initLevels.flatMap((level) => [`${level} of`, `${level} vio`]))
    expect(initLevels.indexOf('early')).toBeLessThan(initLevels.indexOf('driver_init'))
  })

  it('creates the directories that every machine has', () => {
    expect(boot().readdir('/sys')).toEqual(['bus', 'devices', 'kernel'])
  })

  it('passes the device tree blob to the early code', () => {
    const blob = Uint8Array.of(1, 2, 3)
    const machine = boot({}, { devicetree: blob })
    expect(run(machine, initialBootParams)).toBe(blob)
  })

  it('may fail: the machine exists and its outcome shows the failure', () => {
    const machine = bootMachine({
      devicetree: new Uint8Array(),
      subsystems: [
        {
          name: 'broken',
          initcalls: [
            { level: 'core', fn: () => oops('Unable to handle kernel paging request') },
            { level: 'late', fn: () => pr_info('not reached\n') },
          ],
        },
      ],
    })
    expect(machine.outcome).toBe('oops')
    expect(machine.console).not.toContain('not reached')
  })

  it('provides the blob, which is not available before', () => {
    const parts = {
      firmware: null,
      callChains: true,
      backgroundEvents: true,
      haltOf: () => null,
      leaveKernel: () => undefined,
    }
    const machine = new Machine(recordedConfig, parts, [])
    expect(() => machine.task('early', initialBootParams)).toThrow('the machine has not been booted')
  })
})

describe('migrate', () => {
  it('writes to the file that the platform offers for it', ({ machine }) => {
    expect(machine.migrate()).toBe(-2)
  })
})

describe('events', () => {
  it('carry position, step, task and the kernel call chain', ({ machine }) => {
    machine.step = 3
    run(machine, function calling_function() {
      kfree(kmalloc(1))
    })
    const event = must(eventsOf(machine, 'free').at(-1))
    expect(event).toMatchObject({ step: 3, task: 'test/2' })
    expect(functionsOf(event.chain)).toEqual(['kfree', 'calling_function'])
    expect(machine.events.map(({ seq }) => seq)).toEqual([...machine.events.keys()])
  })

  it('convert to JSON, including the call chain', ({ machine }) => {
    run(machine, function calling_function() {
      kfree(kmalloc(1))
    })
    const plain = JSON.parse(JSON.stringify(machine.events.at(-1))) as Record<string, unknown>
    expect(plain).toMatchObject({ type: 'free', struct: 'bytes', task: 'test/2' })
    expect(plain['chain']).toMatchObject([{ function: 'kfree' }, { function: 'calling_function' }])
  })

  it('have empty chains on a machine that does not record them', () => {
    const machine = boot({}, { callChains: false })
    run(machine, () => kmalloc(1))
    expect(machine.events.at(-1)?.chain).toEqual([])
  })

  it('of frequent types can be left out', () => {
    const machine = boot({}, { backgroundEvents: false })
    run(machine, () => {
      kfree(kmalloc(1))
      WARN_ON(true, 'x.c:1')
    })
    expect(new Set(machine.events.map((event) => event.type))).toEqual(new Set(['ref.get', 'printk', 'warn']))
    const seqs = machine.events.map(({ seq }) => seq)
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
  })

  it('outside any task have no task name', ({ machine }) => {
    machine.inspect(() => {
      machine.inspecting = false
      emitEvent('module.load', { module: 'm', result: 0 })
      machine.inspecting = true
    })
    expect(machine.events.at(-1)).toMatchObject({ type: 'module.load', task: '-' })
  })

  it('are the same in every run', () => {
    const script = (machine: Machine): void => {
      run(machine, function work_function() {
        const one = new_thing()
        kobject_get(one.kobj)
        WARN_ON(true, 'x.c:1')
        kfree(one)
        kobject_get(one.kobj)
      })
      machine.task('dies', () => oops('x'))
    }
    const [first, second] = [boot({ refcount: 'plain' }), boot({ refcount: 'plain' })]
    script(first)
    script(second)
    expect(JSON.stringify(second.events)).toBe(JSON.stringify(first.events))
    expect(second.console).toEqual(first.console)
  })
})

describe('inspection', () => {
  it('leaves no events and nests', ({ machine }) => {
    const before = machine.events.length
    machine.inspect(() => {
      machine.inspect(() => {
        emitEvent('module.load', { module: 'm', result: 0 })
      })
      expect(machine.inspecting).toBe(true)
    })
    expect(machine.inspecting).toBe(false)
    expect(machine.events).toHaveLength(before)
  })

  it('also ends if the callback throws', ({ machine }) => {
    expect(() =>
      machine.inspect(() => {
        throw new Error('not there')
      }),
    ).toThrow('not there')
    expect(machine.inspecting).toBe(false)
    expect(() => currentMachine()).toThrow()
  })
})

describe('call chains', () => {
  it('contain functions with kernel names, without helpers and anonymous functions', ({ machine }) => {
    function kernel_function(): void {
      camelCaseHelper(() => {
        pSeries_reconfig_add_node()
      })
    }
    function camelCaseHelper(body: () => void): void {
      body()
    }
    function pSeries_reconfig_add_node(): void {
      expect(new Constructed().warned).toBe(true)
    }
    class Constructed {
      readonly warned: boolean
      constructor() {
        this.warned = WARN_ON(true, 'x.c:1')
      }
    }
    run(machine, kernel_function)
    expect(formatChain(must(eventsOf(machine, 'warn')[0]).chain)).toBe(
      'warn_slowpath_fmt < pSeries_reconfig_add_node < kernel_function',
    )
  })

  it('end at the entry into the machine', ({ machine }) => {
    function user_function(): void {
      run(machine, function kernel_function() {
        kmalloc(1)
      })
    }
    user_function()
    expect(functionsOf(must(machine.events.at(-1)).chain)).toEqual(['kmalloc', 'kernel_function'])
  })

  it('are cut to the innermost functions', ({ machine }) => {
    function deep_function(depth: number): void {
      if (depth === 0) kmalloc(1)
      else deep_function(depth - 1)
    }
    run(machine, () => {
      deep_function(300)
    })
    const { chain } = must(machine.events.at(-1))
    expect(chain.length).toBeGreaterThan(50)
    expect(chain.length).toBeLessThan(150)
    expect(chain[0]?.function).toBe('kmalloc')
  })

  it('can be shortened', () => {
    const chain = [{ function: 'a' }, { function: 'b' }, { function: 'c' }]
    expect([formatChain(chain), formatChain(chain, 2), formatChain([])]).toEqual(['a < b < c', 'a < b', ''])
  })

  it('leave the settings of the JavaScript engine unchanged', () => {
    const engine = Error as unknown as { stackTraceLimit: number }
    const before = engine.stackTraceLimit
    enterKernel(() => {
      expect(engine.stackTraceLimit).toBeGreaterThan(before)
    })
    expect(engine.stackTraceLimit).toBe(before)
  })
})

describe('errnoName', () => {
  it('names the errnos of the kernel and keeps other numbers', () => {
    expect([errnoName(-22), errnoName(-517), errnoName(-9999), errnoName(0), errnoName(5)]).toEqual([
      '-EINVAL',
      '-EPROBE_DEFER',
      '-9999',
      '0',
      '5',
    ])
  })
})

describe('output of a task', () => {
  it('appears on the console in order', ({ machine }) => {
    expect(
      consoleOf(machine, () => {
        run(machine, () => {
          pr_info('a\n')
        })
        run(machine, () => {
          pr_info('b\n')
        })
      }),
    ).toEqual(['a', 'b'])
  })
})
