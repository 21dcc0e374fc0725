// SPDX-License-Identifier: GPL-2.0-only
import { type Machine } from '@pfo-workbench/kernel'
import { consoleOf, must } from '@pfo-workbench/kernel/testing'
import { Partition } from '@pfo-workbench/powervm'
import { describe, expect, it } from 'vitest'
import { boot, COMPRESSION, node, RANDOM, valueOf } from './support.ts'

const OFDT = '/proc/powerpc/ofdt'
/** Phandle of the compression node in command syntax. */
const C = '0xfffffff4'

/** Result of a command on a fresh machine (its length on success, or a negative errno) and its console output. */
function command(text: string): { machine: Machine; result: number | null; lines: string[] } {
  const machine = boot(new Partition(), { callChains: false })
  let result: number | null = null
  const lines = consoleOf(machine, () => (result = machine.write(OFDT, text)))
  return { machine, result, lines }
}

/** The property "x" of compression after a successful command. */
function afterSuccess(text: string, name = 'x'): string | undefined {
  const { machine, result, lines } = command(text)
  expect(lines).toEqual([])
  expect(result).toBe(text.length)
  return valueOf(machine, COMPRESSION, name)
}

function refused(text: string, errno: number, line?: number): void {
  const { machine, result, lines } = command(text)
  expect(result).toBe(errno)
  expect(lines).toEqual(
    line === undefined ? [] : [`property parse failed in parse_next_property at line ${String(line)}`],
  )
  expect(machine.outcome).toBe('completed')
}

/** A command that allocates more than the maximum size, which the allocator warns about. */
function refusedForMemory(text: string): void {
  const { machine, result, lines } = command(text)
  expect(result).toBe(-12)
  expect(lines[0]).toContain('at mm/page_alloc.c:4065')
  expect(machine.outcome).toBe('completed')
}

describe('/proc/powerpc/ofdt', () => {
  it('is write-only', () => {
    expect(boot(new Partition()).read(OFDT)).toBeLessThan(0)
  })

  it.each([
    '',
    'add_node',
    'remove_node',
    'update_property\n',
    'make_coffee now',
    'ADD_NODE /x ',
    ' add_node /x ',
    'add_node\n/x ',
    'add_nod /x ',
    'add_nodes /x ',
    'add_node\0 /x ',
  ])('rejects %j, which has no known command followed by a space: -EINVAL', (text) => {
    refused(text, -22)
  })

  it('returns -ENOMEM if the command cannot be copied', () => {
    const machine = boot(new Partition())
    expect(machine.write(OFDT, new Uint8Array(0x1000000))).toBe(-12)
  })
})

describe('add_node', () => {
  it('accepts a path, a space, and nothing more: a node without properties', () => {
    const { machine, result } = command('add_node /x ')
    expect(result).toBe(12)
    expect(node(machine, '/x')).toMatchObject({ inTree: true, name: '<NULL>', properties: {} })
  })

  it('reverses the order of the properties', () => {
    const { machine } = command('add_node /x a 1 1 b 2 22')
    expect(
      Object.entries(must(node(machine, '/x')).properties).map(([name, value]) => [name, value.length]),
    ).toEqual([
      ['b', 2],
      ['a', 1],
    ])
    expect(consoleOf(machine, () => machine.write(OFDT, 'add_node /y a 1 1 b 2 22 c 1 3'))).toEqual([])
    expect(Object.keys(must(node(machine, '/y')).properties)).toEqual(['c', 'b', 'a'])
  })

  it('may end with a space, a NUL or nothing after the last value', () => {
    for (const end of ['', ' ', '\0']) {
      const { machine, result } = command(`add_node /x a 3 abc${end}`)
      expect(result).toBe(19 + end.length)
      expect(valueOf(machine, '/x', 'a')).toBe('abc')
    }
  })

  it('accepts raw bytes as a value, including spaces and NULs', () => {
    const { machine } = command('add_node /x a 5 \0 \n \xff b 4 1 2 ')
    expect(valueOf(machine, '/x', 'a')).toBe('\0 \n \xff')
    expect(valueOf(machine, '/x', 'b')).toBe('1 2 ')
  })

  it('rejects a path without a space after it: -EINVAL', () => {
    refused('add_node /x', -22)
    refused('add_node /x\n', -22)
    refused('add_node /x\0 ', -22)
  })

  it('rejects an existing path before it parses the properties: -EINVAL', () => {
    refused(`add_node ${RANDOM} `, -22)
    refused(`add_node ${RANDOM} nonsense`, -22)
    refused('add_node / ', -22)
  })

  it.each([
    ['a', 128],
    ['a\n', 128],
    ['a\0 1 x', 128],
    ['a ', 135],
    ['a 4294967295 x', 144],
    ['a 18446744073709551615 x', 144],
    ['a 1', 149],
    ['a 1 ', 149],
    ['a 1\n', 149],
    ['a x', 149],
    ['a -1 x', 149],
    ['a 0x1 x', 149],
    ['a  1 x', 163],
    ['a 2 x', 158],
    ['a 2000000000 x', 158],
    ['a 1 xy', 163],
    ['a 1 x\n', 163],
    ['a 3 abc\n', 163],
  ])('rejects the property %j with -EINVAL and line %i', (property, line) => {
    refused(`add_node /x ${property}`, -22, line)
    // Valid properties before the rejected property make no difference.
    refused(`add_node /x ok 2 ok ${property}`, -22, line)
  })

  it('accepts an empty value if two spaces follow its length', () => {
    const { machine } = command('add_node /x a 0  b 0  ')
    expect(must(node(machine, '/x')).properties).toEqual({ a: new Uint8Array(), b: new Uint8Array() })
    refused('add_node /x a 0 ', -22, 149)
  })

  it('parses the length as decimal, ignoring leading zeros, modulo 2^32', () => {
    expect(valueOf(command('add_node /x a 010 0123456789').machine, '/x', 'a')).toBe('0123456789')
    expect(valueOf(command('add_node /x a 4294967298 xy').machine, '/x', 'a')).toBe('xy')
  })

  it('treats a negative length that leads back to a separator as short memory', () => {
    // A length of -12 points back to the space before the length, which by then is a terminator; -11 points to its
    // first digit.
    refusedForMemory('add_node /x a 4294967284 x')
    refused('add_node /x a 4294967285 x', -22, 163)
  })

  it('accepts an empty name', () => {
    const { machine, result } = command('add_node /x  1 y')
    expect(result).toBe(16)
    expect(valueOf(machine, '/x', '')).toBe('y')
  })
})

describe('remove_node', () => {
  it('takes the rest of the command as the path, including newline and spaces', () => {
    expect(command(`remove_node ${RANDOM}`).result).toBe(12 + RANDOM.length)
    refused(`remove_node ${RANDOM}\n`, -19)
    refused(`remove_node ${RANDOM} `, -19)
  })

  it('ends the path at a NUL', () => {
    expect(command(`remove_node ${RANDOM}\0 and more`).result).toBe(22 + RANDOM.length)
  })

  it('returns -ENODEV for a missing node, for an empty path and for a path with an extra slash', () => {
    refused('remove_node /nowhere', -19)
    refused('remove_node ', -19)
    refused('remove_node nowhere', -19)
    refused(`remove_node ${RANDOM}/`, -19)
  })

  it('returns -EINVAL for the root and -EBUSY for a node with children', () => {
    refused('remove_node /', -22)
    refused('remove_node /ibm,platform-facilities', -16)
  })
})

describe('the phandle of a property command', () => {
  it.each([
    '0xfffffff4',
    '0XFFFFFFF4',
    '4294967284',
    '037777777764',
    '0x1fffffff4',
    '0xfffffff4z',
    '4294967284,5',
  ])('is parsed from %j up to the first character that is not a digit, modulo 2^32', (phandle) => {
    expect(afterSuccess(`add_property ${phandle} x 1 y`)).toBe('y')
  })

  it.each(['', '0', 'zzz', '-1', '+4294967284', '0x', '0xg', '08', '0x77777777'])(
    'returns -ENODEV for %j, which belongs to no node',
    (phandle) => {
      refused(`add_property ${phandle} x 1 y`, -19)
      refused(`remove_property ${phandle} status`, -19)
      refused(`update_property ${phandle} x 1 y`, -19)
    },
  )

  it('returns -ENODEV without a space after it', () => {
    refused(`add_property ${C}`, -19)
    refused(`remove_property ${C}`, -19)
    refused(`update_property ${C}`, -19)
    refused(`remove_property ${C}\0 status`, -19)
  })
})

describe.each(['add_property', 'update_property'])('%s', (word) => {
  it('gives the node a property with exactly `length` bytes', () => {
    expect(afterSuccess(`${word} ${C} x 3 abc`)).toBe('abc')
    expect(afterSuccess(`${word} ${C} x 5 a b c`)).toBe('a b c')
    expect(afterSuccess(`${word} ${C} x 2 \0\xff`)).toBe('\0\xff')
  })

  it('ignores the text after the value and its separator', () => {
    expect(afterSuccess(`${word} ${C} x 1 a and more`)).toBe('a')
    expect(afterSuccess(`${word} ${C} x 1 a\0and more`)).toBe('a')
  })

  it.each([
    ['x', 128],
    ['x\n', 128],
    ['', 128],
    ['x 4294967295 y', 144],
    ['x 1', 149],
    ['x y', 149],
    ['x 1\n', 149],
    ['x 0x1 y', 149],
    ['x 1 yz', 163],
    ['x 1 y\n', 163],
  ])('rejects %j with -EINVAL and line %i', (property, line) => {
    refused(`${word} ${C} ${property}`, -22, line)
  })

  it('returns -ENOMEM for a negative length that leads back to a separator', () => {
    refusedForMemory(`${word} ${C} x 4294967284 y`)
  })
})

describe('add_property', () => {
  it.each([
    ['x ', 135],
    ['x 1 ', 149],
    ['x 2 y', 158],
    ['x 12 y', 158],
  ])('rejects %j with -EINVAL and line %i: it knows the end of the command', (property, line) => {
    refused(`add_property ${C} ${property}`, -22, line)
  })

  it('accepts an empty name', () => {
    expect(afterSuccess(`add_property ${C}  1 y`, '')).toBe('y')
  })
})

describe('update_property', () => {
  it('computes the end too far by the phandle and its space, and reads past the command', () => {
    // The phandle and its space are 11 bytes.
    expect(afterSuccess(`update_property ${C} x 2 y`)).toBe('y\0')
    expect(afterSuccess(`update_property ${C} x 12 y`)).toBe(`y${'\0'.repeat(11)}`)
    refused(`update_property ${C} x 13 y`, -22, 158)
  })

  it('accepts a value that begins after the command', () => {
    expect(afterSuccess(`update_property ${C} x 1 `)).toBe('\0')
    refused(`update_property ${C} x `, -22, 149)
  })

  it('rejects an empty name: -ENODEV', () => {
    refused(`update_property ${C}  1 y`, -19)
  })

  it('treats SLB sizes like any other property', () => {
    for (const name of ['slb-size', 'ibm,slb-size']) {
      expect(afterSuccess(`update_property ${C} ${name} 4 \0\0\0\x20`, name)).toBe('\0\0\0\x20')
    }
  })
})

describe('remove_property', () => {
  it('takes the name up to a space, a NUL or the end', () => {
    expect(afterSuccess(`remove_property ${C} status`, 'status')).toBeUndefined()
    expect(afterSuccess(`remove_property ${C} status and more`, 'status')).toBeUndefined()
    expect(afterSuccess(`remove_property ${C} status\0more`, 'status')).toBeUndefined()
  })

  it('returns -EINVAL without a name and -ENODEV for a missing property', () => {
    refused(`remove_property ${C} `, -22)
    refused(`remove_property ${C}  status`, -22)
    refused(`remove_property ${C} status\n`, -19)
    refused(`remove_property ${C} Status`, -19)
  })
})
