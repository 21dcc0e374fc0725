// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  BUG,
  BUG_ON,
  dump_stack,
  followPointer,
  mutex,
  mutex_lock,
  oops,
  rcu_read_lock,
  spin_lock,
  spinlock,
  TAINT_WARN,
  WARN,
  WARN_ON,
  WARN_ONCE,
} from '../src/index.ts'
import { consoleOf, eventsOf, must, run } from '../src/testing.ts'
import { taint } from '../src/kernel/panic.ts'
import { boot, functionsOf, it, type thing } from './support.ts'

describe('WARN_ON', () => {
  it('returns its condition and prints file, line, function and stack each time', ({ machine }) => {
    function of_detach_node(again: boolean): boolean {
      return WARN_ON(again, 'drivers/of/dynamic.c:252')
    }
    const lines = consoleOf(machine, () => {
      run(machine, function dlpar_detach_node() {
        expect([of_detach_node(false), of_detach_node(true)]).toEqual([false, true])
      })
    })
    expect(lines).toEqual([
      'WARNING: CPU: 0 PID: 2 at drivers/of/dynamic.c:252 of_detach_node',
      'Modules linked in: ',
      'CPU: 0 PID: 2 Comm: test Not tainted 4.18.0',
      'NIP of_detach_node',
      'Call Trace:',
      'of_detach_node',
      'dlpar_detach_node',
      '---[ end trace ]---',
    ])
    expect(eventsOf(machine, 'warn')).toMatchObject([
      { file: 'drivers/of/dynamic.c', line: 252, function: 'of_detach_node', text: '', once: false },
    ])
  })

  it('taints the kernel, as the next report shows', ({ machine }) => {
    run(machine, () => {
      WARN_ON(true, 'a.c:1')
      WARN_ON(true, 'a.c:1')
      expect(taint.text()).toBe(`Tainted: G${' '.repeat(8)}${TAINT_WARN}${' '.repeat(8)}`)
    })
    expect(machine.console.filter((line) => line.startsWith('CPU:'))).toEqual([
      'CPU: 0 PID: 2 Comm: test Not tainted 4.18.0',
      'CPU: 0 PID: 2 Comm: test Tainted: G        W         4.18.0',
    ])
  })
})

describe('WARN and WARN_ONCE', () => {
  it('print their message after the cut line and before the location', ({ machine }) => {
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        expect(WARN(true, 'fs/kernfs/dir.c:1480', "kernfs: can not remove '%s', no directory\n", 'x')).toBe(
          true,
        )
        expect(WARN(false, 'fs/kernfs/dir.c:1480', 'not printed\n')).toBe(false)
      })
    })
    expect(lines.slice(0, 3)).toEqual([
      '------------[ cut here ]------------',
      "kernfs: can not remove 'x', no directory",
      'WARNING: CPU: 0 PID: 2 at fs/kernfs/dir.c:1480 ?',
    ])
  })

  it('print once per call site and boot with ONCE, and still return the condition', ({ machine }) => {
    run(machine, () => {
      const results = ['a.c:1', 'a.c:1', 'a.c:2'].map((at) => WARN_ONCE(true, at, 'text %d\n', 1))
      expect([...results, WARN_ONCE(false, 'a.c:3', 'x\n')]).toEqual([true, true, true, false])
    })
    expect(eventsOf(machine, 'warn').map((event) => [event.line, event.text, event.once])).toEqual([
      [1, 'text 1', true],
      [2, 'text 1', true],
    ])
  })

  it('print nothing while the machine is inspected, and still return the condition', ({ machine }) => {
    run(machine, () => {
      machine.inspect(() => {
        expect([WARN_ON(true, 'a.c:1'), WARN(true, 'a.c:2', 'x'), WARN_ONCE(true, 'a.c:3', 'x')]).toEqual([
          true,
          true,
          true,
        ])
      })
    })
    expect(machine.console).toEqual([])
  })
})

describe('dump_stack', () => {
  it('prints the task and its call chain', ({ machine }) => {
    run(machine, function reporting_function() {
      dump_stack()
    })
    expect(machine.console).toEqual([
      'CPU: 0 PID: 2 Comm: test Not tainted 4.18.0',
      'Call Trace:',
      'reporting_function',
    ])
  })
})

describe('an Oops', () => {
  it('prints its reason and location, kills the task and leaves its locks held', () => {
    const machine = boot({ endian: 'big' })
    const of_mutex = new mutex('of_mutex')
    function kernfs_find_ns(parent: thing | null): number {
      return followPointer(parent, 0x90).value
    }
    const result = machine.task('init', function safe_name() {
      mutex_lock(of_mutex)
      return kernfs_find_ns(null)
    })
    expect(result).toBeNull()
    expect(machine.outcome).toBe('oops')
    expect(machine.tasks.at(-1)?.state).toBe('dead')
    expect(of_mutex.holders).toHaveLength(1)
    expect(machine.console).toEqual([
      'Unable to handle kernel paging request for data at address 0x00000090',
      'Faulting instruction address: <addr>',
      'Oops: Kernel access of bad area, sig: 11 [#1]',
      'BE SMP NR_CPUS=4 NUMA pSeries',
      'Modules linked in: ',
      'CPU: 0 PID: 2 Comm: init Not tainted 4.18.0',
      'NIP kernfs_find_ns',
      'LR safe_name',
      'Call Trace:',
      'kernfs_find_ns',
      'safe_name',
      '---[ end trace ]---',
    ])
    expect(eventsOf(machine, 'oops')).toMatchObject([
      {
        function: 'kernfs_find_ns',
        reason: 'Unable to handle kernel paging request for data at address 0x00000090',
        held: ['of_mutex'],
      },
    ])
  })

  it('is counted and taints the kernel', ({ machine }) => {
    machine.task('first', () => oops('x'))
    machine.task('second', () => oops('y'))
    expect(machine.console).toContain('Oops: Kernel access of bad area, sig: 11 [#1]')
    expect(machine.console).toContain('Oops: Kernel access of bad area, sig: 11 [#2]')
    expect(machine.console).toContain(`CPU: 0 PID: 3 Comm: second Tainted: G      D${' '.repeat(10)} 4.18.0`)
  })

  it.each([
    [
      'under a spinlock',
      () => {
        spin_lock(new spinlock('lock'))
      },
    ],
    ['in an RCU read section', rcu_read_lock],
  ])('%s reports the preemption count if the kernel counts', (_, enter) => {
    const notesOf = (lockDebugging: boolean): string[] => {
      const machine = boot({ lockDebugging })
      machine.task('test', () => {
        enter()
        oops('x')
      })
      return machine.console.filter((line) => line.startsWith('note:'))
    }
    expect(notesOf(true)).toEqual(['note: test[2] exited with preempt_count 1'])
    expect(notesOf(false)).toEqual([])
  })

  it('outside any kernel function is still an Oops', ({ machine }) => {
    machine.task('test', () => oops('x'))
    expect(machine.console).toContain('NIP ?')
  })

  it('does not affect other tasks', ({ machine }) => {
    machine.task('first', () => oops('x'))
    expect(run(machine, () => 1)).toBe(1)
    expect(machine.outcome).toBe('oops')
  })
})

describe('BUG', () => {
  it('is an exception in the calling function', ({ machine }) => {
    machine.task('test', function crypto_unregister_alg() {
      BUG_ON(false, 'crypto/algapi.c:404')
      BUG_ON(true, 'crypto/algapi.c:405')
    })
    expect(machine.console.slice(0, 4)).toEqual([
      '------------[ cut here ]------------',
      'kernel BUG at crypto/algapi.c:405!',
      'Oops: Exception in kernel mode, sig: 5 [#1]',
      'LE SMP NR_CPUS=4 NUMA pSeries',
    ])
    expect(eventsOf(machine, 'oops')).toMatchObject([{ function: 'crypto_unregister_alg' }])
    machine.task('test', () => BUG('x.c:1'))
    expect(eventsOf(machine, 'oops')).toHaveLength(2)
  })
})

describe('followPointer', () => {
  it('returns a valid pointer', () => {
    const object = {}
    expect(followPointer(object)).toBe(object)
  })

  it('raises an Oops at address 0 for NULL and for undefined', () => {
    for (const pointer of [null, undefined]) {
      const machine = boot()
      machine.task('test', () => followPointer(pointer))
      expect(eventsOf(machine, 'oops')[0]?.reason).toMatch(/0x00000000$/)
    }
  })
})

describe('a JavaScript error in kernel code', () => {
  const nothing = null as unknown as { field: { other: number }; call(): void }
  const unset = undefined as unknown as { field: number }

  it.each<[string, () => unknown]>([
    ['reading through null', () => nothing.field],
    ['writing through null', () => (nothing.field = { other: 1 })],
    [
      'calling through null',
      () => {
        nothing.call()
      },
    ],
    [
      'destructuring null',
      () => {
        const { field } = nothing
        return field
      },
    ],
    [
      'destructuring null in a parameter',
      () => (({ field }: { field: number }): number => field)(nothing as unknown as { field: number }),
    ],
  ])('is an Oops if caused by %s', (_what, fault) => {
    const machine = boot()
    expect(machine.task('test', fault)).toBeNull()
    expect(eventsOf(machine, 'oops')).toMatchObject([
      { reason: 'Unable to handle kernel paging request for data at address 0x00000000' },
    ])
  })

  it('is an Oops with the call chain of the function that dereferenced the pointer', ({ machine }) => {
    function inner_function(p: typeof nothing): number {
      return p.field.other
    }
    machine.task('test', function outer_function() {
      return inner_function(nothing)
    })
    const [event] = eventsOf(machine, 'oops')
    expect(event?.function).toBe('inner_function')
    expect(event?.chain.map((frame) => frame.function)).toEqual(['inner_function', 'outer_function'])
    expect(machine.console).toContain('LR outer_function')
  })

  it('is a kernel stack overflow if a function calls itself forever', ({ machine }) => {
    function recursive_function(depth: number): number {
      return recursive_function(depth + 1) + 1
    }
    expect(machine.task('test', () => recursive_function(0))).toBeNull()
    expect(eventsOf(machine, 'oops')).toMatchObject([
      { function: 'recursive_function', reason: 'Kernel stack overflow in process' },
    ])
  })

  it.each<[string, () => unknown, unknown]>([
    ['a thrown Error', () => must(null), Error],
    ['reading through undefined', () => unset.field, TypeError],
    ['a call of a number', () => (0 as unknown as () => void)(), TypeError],
    ['an invalid length', () => 'x'.repeat(-1), RangeError],
    ['a call of an object', () => (globalThis as unknown as { (): void })(), TypeError],
  ])('caused by %s is not a kernel fault and reaches the caller of the task', (_what, fault, kind) => {
    const machine = boot()
    expect(() => machine.task('test', fault)).toThrow(kind)
    expect(machine.outcome).toBe('completed')
    expect(run(machine, () => functionsOf([]))).toEqual([])
  })

  it('that is not an Error object reaches the caller of the task', ({ machine }) => {
    const text: unknown = 'text'
    expect(() =>
      machine.task('test', () => {
        throw text as Error
      }),
    ).toThrow('text')
  })
})
