// SPDX-License-Identifier: GPL-2.0-only
import { cstr, text } from './bytes.ts'
import type { device_node } from './of-node.ts'
import type { SlabRecord } from './slab-record.ts'

export type FormatArgument = string | number | boolean | cstr | object | null | undefined

const conversion = /%([-0 ]*)(\d*)(?:\.(\d+))?(?:ll|l|h|z)?(pOF[fnpPFcC]*|[sdiuxXcp%])/g

/**
 * Models `vsnprintf` (lib/vsprintf.c, v4.18) for what the modelled files print: `%s %d %i %u %x %X %c %p %%` and
 * `%pOF` with its letters. Strings are read from memory, so a freed string is a use-after-free.
 *
 * @param fmt - kernel format string
 * @param args - one for each conversion
 */
export function vsnprintf(fmt: string, args: readonly FormatArgument[]): string {
  let next = 0
  return fmt.replace(
    conversion,
    (_match, flags: string, width: string, precision: string | undefined, type: string) => {
      if (type === '%') return '%'
      const formatted = formatOne(type, args[next++], precision)
      if (width === '') return formatted
      const length = Number(width)
      if (flags.includes('-')) return formatted.padEnd(length)
      return formatted.padStart(length, flags.includes('0') ? '0' : ' ')
    },
  )
}

/** Models `sprintf`: the text instead of a filled buffer. */
export function sprintf(fmt: string, ...args: readonly FormatArgument[]): string {
  return vsnprintf(fmt, args)
}

function formatOne(type: string, value: FormatArgument, precision: string | undefined): string {
  switch (type) {
    case 's': {
      const formatted = string(value)
      return precision === undefined ? formatted : formatted.slice(0, Number(precision))
    }
    case 'd':
    case 'i':
      return String(Number(value) | 0)
    case 'u':
      return String(Number(value) >>> 0)
    case 'x':
      return (Number(value) >>> 0).toString(16)
    case 'X':
      return (Number(value) >>> 0).toString(16).toUpperCase()
    case 'c':
      return typeof value === 'number' ? String.fromCharCode(value) : String(value)
    case 'p':
      return pointer(value)
    default:
      return device_node_string(value as device_node | null, type.slice('pOF'.length))
  }
}

/** `%s`: NULL prints as `(null)`. */
function string(value: FormatArgument): string {
  if (value === null || value === undefined) return '(null)'
  if (value instanceof cstr) return text(value)
  if (typeof value === 'object' || typeof value === 'function') return text(value as cstr)
  return String(value)
}

/** `%p`: an address means nothing here, the object's name does. */
function pointer(value: FormatArgument): string {
  if (value === null || value === undefined) return '(null)'
  if (typeof value !== 'object') return String(value)
  const holder = value instanceof cstr ? value.memory : value
  const record = (holder as { slab?: SlabRecord | null }).slab
  return record == null ? '(____ptrval____)' : record.id
}

/**
 * Models `device_node_string`: `%pOF` and its letters. The path is found by following `parent` without references
 * and without locks, so a freed parent is a use-after-free.
 */
function device_node_string(node: device_node | null, letters: string): string {
  if (node === null) return '(null)'
  return [...(letters === '' ? 'f' : letters)].map((letter) => nodePart(node, letter)).join(':')
}

function nodePart(node: device_node, letter: string): string {
  switch (letter) {
    case 'n':
      return string(node.name)
    case 'p':
      return String(node.phandle >>> 0)
    case 'P': {
      const path = device_node_gen_full_name(node)
      return path.slice(path.lastIndexOf('/') + 1) || '/'
    }
    case 'F':
      return [...'DdPB'].map((flag, index) => ((node._flags >> (index + 1)) & 1 ? flag : '-')).join('')
    default:
      return device_node_gen_full_name(node)
  }
}

function device_node_gen_full_name(node: device_node): string {
  if (node.parent === null) return '/'
  const components: string[] = []
  for (let np: device_node = node; np.parent !== null; np = np.parent) components.push(string(np.full_name))
  return `/${components.reverse().join('/')}`
}
