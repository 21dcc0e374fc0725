// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  cstr,
  device_node,
  kfree,
  kmalloc,
  kstrdup,
  kzalloc,
  literal,
  LOGLEVEL_DEFAULT,
  LOGLEVEL_EMERG,
  OF_DETACHED,
  OF_DYNAMIC,
  OF_POPULATED,
  OF_POPULATED_BUS,
  pr_crit,
  pr_err,
  pr_info,
  pr_notice,
  pr_warn,
  printk,
  property,
  sprintf,
} from '../src/index.ts'
import type { FormatArgument } from '../src/index.ts'
import { eventsOf, must, run } from '../src/testing.ts'
import { boot, it, new_thing } from './support.ts'

describe('printk', () => {
  it('appends lines to the console, with their level', ({ machine }) => {
    run(machine, () => {
      printk(LOGLEVEL_EMERG, 'a\n')
      printk(LOGLEVEL_DEFAULT, 'b\nc\n')
      pr_crit('%s\n', 'crit')
      pr_err('err\n')
      pr_warn('warn\n')
      pr_notice('notice\n')
      pr_info('info\n')
    })
    expect(machine.console).toEqual(['a', 'b', 'c', 'crit', 'err', 'warn', 'notice', 'info'])
    expect(eventsOf(machine, 'printk').map((event) => event.level)).toEqual([0, 4, 4, 2, 3, 4, 5, 6])
  })

  it('keeps text without a newline until the next message, and makes it a line of its own', ({ machine }) => {
    run(machine, () => {
      pr_err('no newline')
      expect(machine.console).toEqual([])
      pr_info('next\n')
    })
    expect(eventsOf(machine, 'printk').map(({ level, text }) => [level, text])).toEqual([
      [3, 'no newline'],
      [6, 'next'],
    ])
  })

  it('prints empty lines', ({ machine }) => {
    run(machine, () => {
      pr_err('a\n\n')
    })
    expect(machine.console).toEqual(['a', ''])
  })

  it('prints nothing while the machine is inspected', ({ machine }) => {
    run(machine, () => {
      machine.inspect(() => {
        pr_err('seen\n')
      })
    })
    expect(machine.console).toEqual([])
  })
})

describe('sprintf', () => {
  it.each<[string, FormatArgument[], string]>([
    ['%s', ['text'], 'text'],
    ['%s', [null], '(null)'],
    ['%s', [], '(null)'],
    ['%.3s', ['text'], 'tex'],
    ['%-6s|', ['ab'], 'ab    |'],
    ['%6s|', ['ab'], '    ab|'],
    ['%5.1s|', ['ab'], '    a|'],
    ['%d %i', [-5, 7], '-5 7'],
    ['%d', [0xffffffff], '-1'],
    ['%d', [true], '1'],
    ['%d', [], '0'],
    ['%u', [-1], '4294967295'],
    ['%x %X', [255, 255], 'ff FF'],
    ['%#X %-4X|', [255, 255], '0XFF FF  |'],
    ['%x', [-1], 'ffffffff'],
    ['%#x', [0x33], '0x33'],
    ['%#010x', [0x33], '0x00000033'],
    ['%08x', [0x2], '00000002'],
    ['%05d', [-42], '-0042'],
    ['%5d|', [42], '   42|'],
    ['%-5d|', [42], '42   |'],
    ['% d|% d|% u|', [5, -5, 5], ' 5|-5|5|'],
    ['%ld %lld', [0xffffffff, -1], '4294967295 -1'],
    ['%lu', [-1], '18446744073709551615'],
    ['%lx', [2 ** 40], '10000000000'],
    ['%zu', [4096], '4096'],
    ['%hd %hhx', [65535, 0x1ff], '-1 ff'],
    ['%c%c', [0x41, 66], 'AB'],
    ['100%%', [], '100%'],
    ['%s=%d', ['a', 1, 'unused'], 'a=1'],
    ['%y', ['left alone'], '%y'],
  ])('%s of %j is %s', (fmt, args, expected) => {
    expect(run(boot(), () => sprintf(fmt, ...args))).toBe(expected)
  })

  it('reads strings from memory: a freed string is a use after free and prints as poison', ({ machine }) => {
    const printed = run(machine, function printing_function() {
      const name = must(kstrdup('name'))
      kfree(name)
      return sprintf('%s', name)
    })
    expect(printed).toBe(`${'k'.repeat(7)}\u00a5${'\u00bb'.repeat(8)}`)
    const [fault] = eventsOf(machine, 'use-after-free')
    expect(fault).toMatchObject({ access: 'read' })
    expect(fault?.chain.map((frame) => frame.function)).toEqual([
      'string',
      'vsnprintf',
      'sprintf',
      'printing_function',
    ])
  })

  it('is an Oops for a string behind a poisoned pointer', ({ machine }) => {
    machine.task('test', () => {
      const node = must(kzalloc(device_node))
      kfree(node)
      sprintf('%s', node.name)
    })
    expect(eventsOf(machine, 'oops')).toMatchObject([{ function: 'string' }])
  })

  it('prints the name of the object for %p, also for a struct or string inside it', () => {
    const printed = run(boot(), () => {
      const one = new_thing()
      const bytes = must(kmalloc(4))
      kfree(one)
      return sprintf('%p %p %p %p %p %p', one, one.kobj, bytes, null, literal('x'), one.other)
    })
    expect(printed).toMatch(/^thing#0 thing#0 bytes#\d+ \(null\) \(____ptrval____\) \(____ptrval____\)$/)
  })
})

describe('%pOF', () => {
  function node(full_name: string, parent: device_node | null): device_node {
    const np = must(kzalloc(device_node))
    np.full_name = kstrdup(full_name)
    np.parent = parent
    return np
  }

  function withProperty(np: device_node, name: string, value: string | null): device_node {
    const pp = must(kzalloc(property))
    pp.name = kstrdup(name)
    pp.value = value === null ? null : kstrdup(value)
    pp.length = (value?.length ?? -1) + 1
    pp.next = np.properties
    np.properties = pp
    return np
  }

  it.each<[string, string]>([
    ['%pOF', '/ibm,platform-facilities/ibm,random-v1'],
    ['%pOFf', '/ibm,platform-facilities/ibm,random-v1'],
    ['%pOFn', 'random'],
    ['%pOFp', '4294967285'],
    ['%pOFP', 'ibm,random-v1'],
    ['%pOFF', 'Dd--'],
    ['%pOFc', 'ibm,random'],
    ['%pOFC', '"ibm,random","ibm,vdevice"'],
    ['%pOFfp', '/ibm,platform-facilities/ibm,random-v1:4294967285'],
    ['%40pOF|', '  /ibm,platform-facilities/ibm,random-v1|'],
    ['%-40pOF|', '/ibm,platform-facilities/ibm,random-v1  |'],
  ])('%s prints %s', (fmt, expected) => {
    const printed = run(boot(), () => {
      const parent = node('ibm,platform-facilities', node('', null))
      const np = node('ibm,random-v1', parent)
      np.name = kstrdup('random')
      np.phandle = 0xfffffff5
      np._flags = (1 << OF_DYNAMIC) | (1 << OF_DETACHED)
      withProperty(np, 'compatible', 'ibm,random\0ibm,vdevice')
      withProperty(np, 'reg', 'x')
      withProperty(np, 'empty', null)
      return sprintf(fmt, np)
    })
    expect(printed).toBe(expected)
  })

  it('prints the root, NULL and nodes with missing fields', () => {
    const printed = run(boot(), () => {
      const root = node('', null)
      root._flags = (1 << OF_POPULATED) | (1 << OF_POPULATED_BUS)
      return sprintf('%pOF %pOF %pOFP %pOFF [%pOFc] [%pOFC] %pOFn', root, null, root, root, root, root, root)
    })
    expect(printed).toBe('/ (null) / --PB [] [] (null)')
  })

  it('follows parents without references: a freed parent is a use after free', () => {
    const machine = boot({ slubPoison: false })
    const printed = run(machine, () => {
      const parent = node('P', node('', null))
      const np = node('R', parent)
      kfree(parent)
      return sprintf('%pOF', np)
    })
    expect(printed).toBe('/P/R')
    expect(eventsOf(machine, 'use-after-free').map((event) => event.field)).toEqual(['parent', 'full_name'])
    expect(eventsOf(machine, 'ref.get').some((event) => event.object.startsWith('device_node'))).toBe(false)
  })

  it('is an Oops if the freed parent was poisoned', ({ machine }) => {
    machine.task('test', function devspec_show() {
      const parent = node('P', node('', null))
      const np = node('R', parent)
      kfree(parent)
      return sprintf('%pOF', np)
    })
    expect(eventsOf(machine, 'oops')[0]?.function).toMatch(/^(string|device_node_gen_full_name)$/)
  })

  it('prints the last component without following parents, and / for a single character', ({ machine }) => {
    const printed = run(machine, () => {
      const parent = node('P', node('', null))
      const np = node('ibm,random-v1', parent)
      kfree(parent)
      return sprintf('%pOFP %pOFP', np, node('R', null))
    })
    expect(printed).toBe('ibm,random-v1 /')
    expect(eventsOf(machine, 'use-after-free')).toEqual([])
  })

  it('reads compatible strings from the memory of the property', () => {
    const printed = run(boot(), () => {
      const np = withProperty(node('R', null), 'compatible', 'abc')
      must(np.properties).value = new cstr(must(kstrdup('xabc')).memory, 1)
      return sprintf('%pOFc', np)
    })
    expect(printed).toBe('abc')
  })
})
