// SPDX-License-Identifier: GPL-2.0-only
import { scanMemory } from '@pfo-workbench/machine'
import { Partition } from '@pfo-workbench/powervm'
import { describe, expect, it } from 'vitest'
import {
  addModule,
  createTopDirectory,
  findProcFile,
  flushConsole,
  markGoing,
  registeredAlgorithms,
  registeredGenerators,
  releaseModule,
  removeModule,
} from '../src/index.ts'
import { GFP_KERNEL, hostMachine, type HostMachine } from './host-machine.ts'

const run = <T>({ machine }: HostMachine, body: () => T): T | null => machine.task('init', body)

describe('the console', () => {
  const printed = (text: string, name = '_printk'): string[] => {
    const host = hostMachine()
    run(host, () => host.call(name, host.text(text), 0))
    return [...host.machine.journal.console]
  }

  it.each(['_printk', 'printk', '_printk_deferred', 'printk_deferred', 'vprintk', 'vprintk_default'])(
    'has a line for each message printed by %s',
    (name) => expect(printed('one\ntwo\n', name)).toEqual(['one', 'two']),
  )

  it('takes the level from the prefix, and defaults to a warning', () => {
    const host = hostMachine()
    run(host, () => {
      host.call('_printk', host.text('\x013bad\n'), 0)
      host.call('_printk', host.text('plain\n'), 0)
    })
    expect(host.events('printk')).toEqual([
      { level: 3, text: 'bad' },
      { level: 4, text: 'plain' },
    ])
  })

  it('continues an unterminated line, and ends it before the next message', () => {
    const host = hostMachine()
    run(host, () => {
      host.call('_printk', host.text('\x016begin'), 0)
      host.call('_printk', host.text('\x01c, rest'), 0)
      host.call('_printk', host.text('\x016next'), 0)
    })
    flushConsole(host.machine)
    expect(host.machine.journal.console).toEqual(['begin, rest', 'next'])
  })

  it('takes format and arguments from the end of vprintk_emit’s parameters', () => {
    const host = hostMachine()
    run(host, () => host.call('vprintk_emit', 0, 3, 0, 0, 0, host.text('device\n'), 0))
    expect(host.events('printk')).toEqual([{ level: 3, text: 'device' }])
  })

  it('keeps the message of a WARN for its report', () => {
    const host = hostMachine()
    run(host, () => host.call('__warn_printk', host.text('odd\n'), 0))
    expect(host.machine.journal.console).toEqual(['------------[ cut here ]------------', 'odd'])
    expect(host.machine.warnText).toBe('odd')
  })

  it('has the last message of a panic', () => {
    const host = hostMachine()
    expect(run(host, () => host.call('panic', host.text('the end'), 0))).toBeNull()
    expect(host.machine.journal.console[0]).toBe('the end')
    expect(host.machine.outcome).toBe('oops')
  })
})

describe('firmware', () => {
  /** Calls a service with words. Pointers stand for work areas. */
  function rtas(
    host: HostMachine,
    service: string,
    nret: number,
    ...words: readonly (bigint | number)[]
  ): number[] {
    const list = host.space(8 * Math.max(1, words.length))
    for (const [index, word] of words.entries())
      host.machine.checked.setU64(list + BigInt(8 * index), BigInt(word))
    const outputs = host.space(64)
    return (
      run(host, () => {
        const token = host.call('rtas_token', host.text(service))
        const status = host.callSigned('rtas_call', token, words.length, nret, outputs, list)
        return [
          status,
          ...Array.from({ length: nret - 1 }, (_, index) =>
            host.machine.checked.s32(outputs + BigInt(4 * index)),
          ),
        ]
      }) ?? []
    )
  }

  it('has tokens for its services only', () => {
    const partition = new Partition()
    const host = hostMachine({}, partition)
    run(host, () => {
      expect(host.callSigned('rtas_token', host.text('ibm,update-nodes'))).toBe(
        partition.token('ibm,update-nodes'),
      )
      expect(host.call('rtas_service_present', host.text('ibm,update-nodes'))).toBe(1n)
      expect(host.callSigned('rtas_token', host.text('no-such-service'))).toBe(-1)
      expect(host.call('rtas_service_present', host.text('no-such-service'))).toBe(0n)
    })
  })

  it('has tokens for the handles of newer kernels', () => {
    const partition = new Partition()
    const host = hostMachine({ functions: { pfo_RTAS_UPDATE_NODES: () => 33n } }, partition)
    run(host, () => {
      expect(host.callSigned('rtas_function_token', 33)).toBe(partition.token('ibm,update-nodes'))
      expect(host.callSigned('rtas_function_token', 34)).toBe(-1)
    })
  })

  it('writes into a work area, and the call is an event', () => {
    const partition = new Partition()
    partition.prepareMigration({})
    partition.beginMigration()
    const host = hostMachine({}, partition)
    const area = host.space(4096)
    expect(rtas(host, 'ibm,update-nodes', 1, area, 1)).toEqual([0])
    // The first word after the header belongs to the first list: nodes to delete.
    expect(host.machine.memory.view.getUint32(Number(BigInt.asUintN(32, area)) + 16)).toBe(0x01000004)
    expect(host.events('rtas.call')).toEqual([{ service: 'ibm,update-nodes', status: 0 }])
  })

  it('reports a freed work area', () => {
    const host = hostMachine()
    const area = run(host, () => host.call('kmalloc', 4096, 0)) ?? 0n
    run(host, () => host.call('kfree', area))
    rtas(host, 'ibm,update-nodes', 1, area, 1)
    expect(host.events('use-after-free')).toMatchObject([{ object: 'bytes#0', access: 'write' }])
  })

  it('rejects a call of an unknown token', () => {
    const host = hostMachine()
    expect(run(host, () => host.callSigned('rtas_call', -1, 0, 1, 0, 0))).toBe(-1)
    expect(host.events('rtas.call')).toEqual([])
  })

  it.each(['rtas_busy_delay', 'rtas_busy_delay_time'])(
    'is asked again after %s only when it is busy',
    (name) => {
      const host = hostMachine()
      run(host, () => {
        expect([0, -2, 9900, 9905, 9906, -1].map((status) => host.callSigned(name, status))).toEqual([
          0, 1, 1, 1, 0, 0,
        ])
      })
    },
  )

  it.each([
    [
      '6.1',
      { major: 6, minor: 1, text: '6.1' },
      [0, 9000, -9005, -9004, -9006, -1],
      [0, -125, -11, -16, -16, -5],
    ],
    ['4.18', { major: 4, minor: 18, text: '4.18' }, [0, -9005], [0, -9005]],
  ] as const)('suspends the partition when called by %s', (_name, release, statuses, results) => {
    const partition = new Partition()
    partition.prepareMigration({ statuses: { 'ibm,suspend-me': [...statuses] } })
    const host = hostMachine({ options: { release } }, partition)
    expect(run(host, () => statuses.map(() => host.callSigned('rtas_ibm_suspend_me', 0)))).toEqual([
      ...results,
    ])
  })

  it('is activated, and has sensors and indicators', () => {
    const host = hostMachine()
    run(host, () => {
      const state = host.space(8)
      host.call('rtas_activate_firmware')
      expect(host.callSigned('rtas_get_sensor', 9003, 0x50000000, state)).toBeLessThanOrEqual(0)
      expect(host.callSigned('rtas_set_indicator', 9003, 0x50000000, 1)).toBeLessThanOrEqual(0)
    })
    expect(host.events('rtas.call')).toMatchObject([
      { service: 'ibm,activate-firmware', status: 0 },
      { service: 'get-sensor-state' },
      { service: 'set-indicator' },
    ])
  })

  it('has its own work areas in newer kernels', () => {
    const host = hostMachine()
    run(host, () => {
      const area = host.call('__rtas_work_area_alloc', 4096)
      expect(host.machine.checked.u64(area + 8n)).toBe(4096n)
      host.call('rtas_work_area_free', area)
    })
    expect(host.events('free')).toHaveLength(2)
  })

  it('has work areas also when allocations fail, because they have a reserve', () => {
    const host = hostMachine()
    host.machine.failing = () => true
    expect(run(host, () => host.call('__rtas_work_area_alloc', 4096))).not.toBe(0n)
  })

  it('is not suspended for user space', () => {
    const host = hostMachine()
    expect(run(host, () => host.callSigned('rtas_syscall_dispatch_ibm_suspend_me', 1))).toBe(-38)
  })
})

describe('the hypervisor', () => {
  it.each(['plpar_hcall_norets', 'plpar_hcall_norets_notrace'])('answers %s', (name) => {
    const host = hostMachine()
    // H_JOIN continues at once, H_COP and H_PROD succeed; other calls do not exist.
    run(host, () =>
      expect([0x298, 0x304, 0xe8, 0x4].map((opcode) => host.callSigned(name, opcode))).toEqual([
        18, 0, 0, -2,
      ]),
    )
  })

  it.each(['plpar_hcall', 'plpar_hcall9', 'plpar_hcall_raw', 'plpar_hcall9_raw'])(
    'returns random numbers by %s',
    (name) => {
      const host = hostMachine()
      const outputs = host.space(64)
      run(host, () => {
        expect(host.callSigned(name, 0x300, outputs)).toBe(0)
        const first = host.machine.checked.u64(outputs)
        host.call(name, 0x300, outputs)
        expect(host.machine.checked.u64(outputs)).not.toBe(first)
        expect(host.callSigned(name, 0x4, outputs)).toBe(-2)
      })
    },
  )

  it('reports a waiting suspension, and reports its completion to the suspending task', () => {
    const host = hostMachine()
    const outputs = host.space(64)
    const state = (): bigint => {
      host.call('plpar_hcall', 0x2a4, outputs, 1)
      return host.machine.checked.u64(outputs)
    }
    run(host, () => {
      expect(state()).toBe(3n)
      host.call('rtas_ibm_suspend_me', 0)
      expect(state()).toBe(6n)
    })
    run(host, () => expect(state()).toBe(3n))
  })
})

describe('random numbers', () => {
  it('are the same in each run, and never repeat', () => {
    const numbers = (): unknown => {
      const host = hostMachine()
      const buffer = host.space(8)
      return run(host, () => {
        for (const name of ['get_random_bytes', 'get_random_bytes_wait']) host.call(name, buffer, 8)
        return [
          host.machine.checked.u64(buffer),
          ...['get_random_u32', 'prandom_u32', 'get_random_u64'].map((name) => host.call(name)),
        ]
      })
    }
    const first = numbers()
    expect(numbers()).toEqual(first)
    expect(new Set(first as bigint[]).size).toBe(4)
  })
})

describe('time', () => {
  it.each([
    ...['ktime_get', 'ktime_get_with_offset', 'ktime_get_mono_fast_ns', 'ktime_get_raw'],
    ...['ktime_get_seconds', 'ktime_get_real_seconds'],
  ])('stands still by %s', (name) => expect(hostMachine().call(name)).toBe(0n))

  it.each(['ktime_get_real_ts64', 'ktime_get_coarse_real_ts64', 'ktime_get_ts64'])(
    'is written by %s',
    (name) => {
      const host = hostMachine()
      const pointer = host.space(16)
      host.machine.checked.setU64(pointer, 7n)
      run(host, () => host.call(name, pointer))
      expect(host.machine.checked.u64(pointer)).toBe(0n)
    },
  )

  it('is counted in jiffies, rounded up', () => {
    const host = hostMachine()
    expect(host.call('__msecs_to_jiffies', 15)).toBe(2n)
    expect(host.call('jiffies_to_msecs', 2)).toBe(20n)
  })
})

describe('debugfs', () => {
  const makers = [
    ...['debugfs_create_dir', 'debugfs_create_file', 'debugfs_create_u32', 'debugfs_create_u64'],
    'debugfs_create_atomic_t',
  ]

  it('is switched off: it creates nothing', () => {
    const host = hostMachine()
    run(host, () => {
      for (const name of makers) expect(host.callSigned(name)).toBe(-1)
      for (const name of ['debugfs_remove', 'debugfs_remove_recursive']) host.call(name, -1)
    })
    expect(host.machine.journal.events).toEqual([])
  })

  it('returns NULL in kernels that cannot switch it off', () => {
    const host = hostMachine({ options: { release: { major: 4, minor: 18, text: '4.18.0' } } })
    for (const name of makers) expect(host.call(name)).toBe(0n)
  })
})

describe('sysctl', () => {
  it.each(['register_sysctl', 'register_sysctl_sz', 'register_sysctl_table', '__register_sysctl_init'])(
    'allocates a header for %s, which the kernel need not keep',
    (name) => {
      const host = hostMachine()
      const header = run(host, () => host.call(name)) ?? 0n
      expect(host.events('alloc')).toMatchObject([{ struct: 'ctl_table_header' }])
      expect(scanMemory(host.machine, 'device_node').unreachable).toEqual([])
      run(host, () => host.call('unregister_sysctl_table', header))
      expect(host.events('free')).toMatchObject([{ struct: 'ctl_table_header' }])
    },
  )

  it('registers nothing without memory', () => {
    const host = hostMachine()
    host.machine.failing = () => true
    expect(run(host, () => host.call('register_sysctl_sz'))).toBe(0n)
    expect(scanMemory(host.machine, 'device_node').unreachable).toEqual([])
  })
})

describe('absent subsystems', () => {
  it.each([
    ...['module_add_driver', 'module_remove_driver', 'register_memory_notifier', 'read_24x7_sys_info'],
    ...['setup_rfi_flush', 'setup_barrier_nospec', 'setup_stf_barrier', 'setup_count_cache_flush'],
    ...['setup_entry_flush', 'setup_uaccess_flush', 'irq_create_of_mapping', '__cpuhp_setup_state'],
    ...['watchdog_hardlockup_set_timeout_pct', 'watchdog_nmi_set_timeout_pct'],
  ])('may sleep in %s, and do nothing else', (name) => {
    const host = hostMachine()
    run(host, () => {
      expect(host.call(name)).toBe(0n)
      expect(host.machine.journal.events).toEqual([])
      host.call('_raw_spin_lock', host.space(8))
      host.call(name)
    })
    expect(host.events('lock.report')).toHaveLength(1)
  })

  it.each(['devtmpfs_create_node', 'devtmpfs_delete_node', 'register_filesystem', 'irq_dispose_mapping'])(
    'do nothing in %s',
    (name) => {
      const host = hostMachine()
      expect(run(host, () => host.call(name))).toBe(0n)
      expect(host.machine.journal.events).toEqual([])
    },
  )

  it('print a message about a migration, without a pipe to the management console', () => {
    const host = hostMachine()
    run(host, () => host.call('hvpipe_migration_handler', 1))
    expect(host.machine.journal.console).toEqual(['papr-hvpipe: hvpipe migration event 1'])
  })
})

describe('modules', () => {
  /** A machine with a module whose init has returned. */
  function machineWithModule(options: Parameters<typeof hostMachine>[0] = {}): HostMachine {
    const host = hostMachine(options)
    addModule(host.machine, 64n)
    host.call('module_put', 64)
    return host
  }

  it('are unloaded only after their users', () => {
    const host = machineWithModule()
    expect(host.call('try_module_get', 64)).toBe(1n)
    host.call('__module_get', 64)
    host.call('module_put', 64)
    expect(releaseModule(host.machine, 64n)).toBe(false)
    host.call('module_put', 64)
    expect(releaseModule(host.machine, 64n)).toBe(true)
  })

  it('cannot be requested', () => {
    expect(hostMachine().callSigned('__request_module', 1)).toBe(-2)
  })

  it('that are built in have no counter', () => {
    const host = hostMachine()
    expect(host.call('try_module_get', 0)).toBe(1n)
    host.call('__module_get', 0)
    host.call('module_put', 0)
    host.call('module_put', 0)
    expect(host.machine.journal.events).toEqual([])
  })

  it('get no more users once they are not loaded, are going or were removed', () => {
    const host = hostMachine()
    expect(host.call('try_module_get', 64)).toBe(0n)
    addModule(host.machine, 64n)
    expect(host.call('try_module_get', 64)).toBe(1n)
    markGoing(host.machine, 64n)
    expect(host.call('try_module_get', 64)).toBe(0n)
    removeModule(host.machine, 64n)
    expect(host.call('try_module_get', 64)).toBe(0n)
  })

  it.each([
    [{ major: 4, minor: 18, text: '4.18.0' }, 'kernel/module.c'],
    [{ major: 6, minor: 1, text: '6.1.0' }, 'kernel/module/main.c'],
  ])(
    'lose the reference of the kernel by one surplus put, and warn at the second, in %o',
    (release, file) => {
      const host = machineWithModule({ options: { release } })
      run(host, () => {
        host.call('module_put', 64)
        expect(host.events('warn')).toEqual([])
        expect(host.call('try_module_get', 64)).toBe(0n)
        host.call('module_put', 64)
        expect(host.events('warn')).toMatchObject([{ file }])
        expect(host.machine.outcome).toBe('completed')
        releaseModule(host.machine, 64n)
      })
      expect(host.events('oops')).toMatchObject([{ reason: `kernel BUG at ${file}:0!` }])
    },
  )
})

describe('services', () => {
  it('of random numbers have unique names', () => {
    const host = hostMachine()
    const [one, other] = [host.space(8), host.space(8)]
    for (const pointer of [one, other]) host.machine.view('hwrng', pointer).set('name', host.text('rng'))
    run(host, () => {
      expect(host.callSigned('hwrng_register', one)).toBe(0)
      expect(host.callSigned('hwrng_register', other)).toBe(-17)
      expect(registeredGenerators(host.machine)).toEqual(['rng'])
      host.call('hwrng_unregister', one)
    })
    expect(registeredGenerators(host.machine)).toEqual([])
    expect(host.events('service.register')).toEqual([{ service: 'hwrng', name: 'rng' }])
    expect(host.events('service.unregister')).toEqual([{ service: 'hwrng', name: 'rng' }])
  })

  const kinds = ['alg', 'aead', 'ahash', 'scomp', 'acomp', 'shash', 'skcipher'] as const
  it.each(kinds)('of the kind %s are registered once, and unregistered once', (kind) => {
    const structures = new Map(
      kinds.map((one) => [`${one}_alg`, { size: 272, union: false, fields: [] }] as const),
    )
    structures.delete('shash_alg')
    const host = hostMachine({ structures })
    const alg = host.space(512)
    const base = kind === 'shash' ? alg + 8n : alg
    host.machine.memory.setString(Number(BigInt.asUintN(32, base)) + 16, 'sha256')
    host.machine.memory.setString(Number(BigInt.asUintN(32, base)) + 144, 'sha256-nx')
    run(host, () => {
      expect(host.callSigned(`crypto_register_${kind}`, alg)).toBe(0)
      expect(host.callSigned(`crypto_register_${kind}`, alg)).toBe(-17)
      expect(registeredAlgorithms(host.machine)).toEqual(['sha256-nx'])
      expect(host.callSigned(`crypto_unregister_${kind}`, alg)).toBe(0)
      expect(host.callSigned(`crypto_unregister_${kind}`, alg)).toBe(-2)
    })
    expect(registeredAlgorithms(host.machine)).toEqual([])
  })

  it('that were never registered cause an Oops when unregistered', () => {
    const host = hostMachine()
    expect(run(host, () => host.call('crypto_unregister_alg', host.space(512)))).toBeNull()
    expect(host.machine.outcome).toBe('oops')
  })
})

describe('/proc', () => {
  it.each(['proc_create', 'proc_create_data'])('has the files that %s creates', (name) => {
    const host = hostMachine()
    run(host, () => {
      const entry = host.call(name, host.text('powerpc/ofdt'), 0o200, 0, 4096)
      host.call('proc_set_size', entry, 0)
      expect(findProcFile(host.machine, 'powerpc/ofdt')).toEqual({ path: 'powerpc/ofdt', operations: 4096n })
      host.call('proc_remove', entry)
      expect(findProcFile(host.machine, 'powerpc/ofdt')).toBeNull()
    })
  })

  it('has directories that are removed with their files', () => {
    const host = hostMachine()
    run(host, () => {
      const directory = host.call('proc_mkdir', host.text('driver'), 0)
      host.call('proc_create', host.text('nx'), 0o400, directory, 4096)
      host.call('proc_symlink', host.text('device-tree'), 0, host.text('/sys'))
      expect(findProcFile(host.machine, 'driver/nx')).not.toBeNull()
      expect(findProcFile(host.machine, 'device-tree')).toBeNull()
      host.call('remove_proc_entry', host.text('nx'), directory)
      expect(findProcFile(host.machine, 'driver/nx')).toBeNull()
      host.call('proc_create', host.text('nx'), 0o400, directory, 4096)
      host.call('remove_proc_entry', host.text('driver'), 0)
    })
    expect(findProcFile(host.machine, 'driver/nx')).toBeNull()
  })
})

describe('the processor', () => {
  it.each(['stop_machine', 'stop_machine_cpuslocked'])(
    'runs the function of %s with interrupts off',
    (name) => {
      let off = 0
      const host = hostMachine({
        functions: {
          join: (data) => {
            off = host.machine.current.irqsDisabled
            return BigInt(data) + 1n
          },
        },
      })
      expect(run(host, () => host.call(name, host.machine.pointerTo('join'), 41))).toBe(42n)
      expect(off).toBe(1)
    },
  )

  it('has a thread_info that points to the current task', () => {
    const host = hostMachine()
    const info = host.call('current_thread_info')
    expect(host.machine.view('thread_info', info).pointerIn('task')).toBe(host.machine.currentPointer)
    expect(host.call('current_thread_info')).toBe(info)
  })

  it('runs a task that other code may take references to', () => {
    const { machine } = hostMachine()
    expect(machine.view('task_struct', machine.currentPointer).number('usage.refs.counter')).toBe(2)
  })

  it('keeps in its paca whether interrupts are off', () => {
    const host = hostMachine()
    host.call('arch_local_irq_restore', 1)
    const paca = host.machine.view('paca_struct', host.machine.allocator.reserve(0) - 0n)
    expect(paca.has('irq_soft_mask')).toBe(true)
  })

  it.each([
    ['__arch_hweight8', 0x1ff, 8n],
    ['__arch_hweight16', 0x1ffff, 16n],
    ['__arch_hweight32', 0xf0f0, 8n],
    ['__arch_hweight64', -1, 64n],
  ])('counts bits by %s', (name, value, count) => expect(hostMachine().call(name, value)).toBe(count))

  it('has for each number a device without a bus, always the same', () => {
    const host = hostMachine()
    const devices = [0, 1, 2, 3].map((cpu) => host.call('get_cpu_device', cpu))
    expect(new Set(devices).size).toBe(4)
    for (const device of devices) expect(host.machine.view('device', device).pointerIn('bus')).toBe(0n)
    expect(host.call('get_cpu_device', 1)).toBe(devices[1])
    expect(host.call('get_cpu_device', 4)).toBe(0n)
  })

  it('has no memory blocks that could be added, and one node that is online', () => {
    const host = hostMachine()
    run(host, () => {
      expect(host.callSigned('dlpar_memory', 0)).toBe(-22)
      expect(host.call('try_online_node', 0)).toBe(0n)
      expect(host.events('lock.report')).toHaveLength(0)
      host.call('_raw_spin_lock', host.space(8))
      for (const name of ['dlpar_memory', 'try_online_node']) host.call(name, 0)
    })
    expect(host.events('lock.report')).toHaveLength(2)
  })

  it('starts up for a state of processor hotplug only on request', () => {
    let starts = 0
    const start = (): bigint => {
      starts++
      return -5n
    }
    const host = hostMachine({ functions: { start } })
    const startup = host.machine.pointerTo('start')
    run(host, () => {
      expect(host.callSigned('__cpuhp_setup_state', 1, 0, 0, startup)).toBe(0)
      expect(starts).toBe(0)
      expect(host.callSigned('__cpuhp_setup_state', 1, 0, 1, startup)).toBe(-5)
    })
    expect(starts).toBe(1)
  })

  it('may sleep where processors could be added or removed', () => {
    const host = hostMachine()
    run(host, () => {
      host.call('_raw_spin_lock', host.space(8))
      for (const name of ['cpus_read_lock', 'get_online_cpus', 'cpu_maps_update_begin']) host.call(name)
      for (const name of ['cpus_read_unlock', 'put_online_cpus', 'cpu_maps_update_done']) host.call(name)
    })
    expect(host.events('lock.report')).toHaveLength(3)
  })
})

describe('the boot', () => {
  it('has a firmware directory, and others if the kernel has a variable for them', () => {
    const made: string[] = []
    const host = hostMachine({
      data: { firmware_kobj: 8 },
      functions: {
        kobject_create_and_add: (name) => {
          made.push(host.machine.memory.stringAt(BigInt(name)) ?? '')
          return 4096n
        },
      },
    })
    run(host, () => {
      expect(host.callSigned('firmware_init')).toBe(0)
      createTopDirectory(host.machine, 'kernel_kobj', 'kernel')
    })
    expect(made).toEqual(['firmware'])
    expect(host.machine.checked.u64(host.machine.pointerTo('firmware_kobj'))).toBe(4096n)
  })
})

describe('user space', () => {
  it.each([
    ['the caller does not wait', 0, 0],
    ['the caller waits for the program to start', 1, -2],
  ])('has no helper programs: their data is cleaned up, and the result is right if %s', (_, wait, result) => {
    const cleaned: unknown[] = []
    const host: HostMachine = hostMachine({
      functions: {
        cleanup: (pointer) => {
          const info = host.machine.view('subprocess_info', BigInt.asUintN(64, BigInt(pointer)))
          cleaned.push([info.string('path'), info.unsigned('data')])
          return 0n
        },
      },
    })
    run(host, () => {
      const path = host.text('/sbin/hotplug')
      const cleanup = host.machine.pointerTo('cleanup')
      const info = host.call('call_usermodehelper_setup', path, 0, 0, GFP_KERNEL, 0, cleanup, 7)
      expect(cleaned).toEqual([])
      expect(host.callSigned('call_usermodehelper_exec', info, wait)).toBe(result)
      expect(cleaned).toEqual([['/sbin/hotplug', 7n]])
      expect(scanMemory(host.machine, 'device_node').unreachable).toEqual([])
    })
  })

  it('receives device events', () => {
    const host = hostMachine()
    const kobj = host.space(8)
    host.machine.view('kobject', kobj).set('name', host.text('ibm,random-v1'))
    const env = host.space(48)
    const variables = ['ACTION=add', 'SEQNUM=7'].map((text) => host.text(text))
    const view = host.machine.view('kobj_uevent_env', env)
    for (const [index, variable] of variables.entries())
      host.machine.memory.setU64(view.addressOf('envp') + 8 * index, variable)
    view.set('envp_idx', variables.length)
    run(host, () =>
      expect(host.callSigned('kobject_uevent_net_broadcast', kobj, env, host.text('add'))).toBe(0),
    )
    expect(host.events('uevent')).toEqual([
      { object: '?', action: 'add', device: 'ibm,random-v1', env: ['ACTION=add'] },
    ])
  })
})
