// SPDX-License-Identifier: GPL-2.0-only
import { cstr, text } from '../c/bytes.ts'
import { followPointer } from '../c/pointer.ts'
import type { SlabRecord } from '../mm/slab-record.ts'

/**
 * The fields of a `device_node` that `%pOF` reads. An import of `device_node` would be circular: a node contains a
 * kobject, and the code of kobjects imports this file to format names.
 */
interface FormattedNode {
  readonly name: cstr | null
  readonly phandle: number
  readonly full_name: cstr | null
  readonly properties: FormattedProperty | null
  readonly parent: FormattedNode | null
  readonly _flags: number
}

/** The fields of a `property` that `%pOF` reads. */
interface FormattedProperty {
  readonly name: cstr | null
  readonly length: number
  readonly value: cstr | null
  readonly next: FormattedProperty | null
}

/** A value that a conversion can print. */
export type FormatArgument = string | number | boolean | cstr | object | null | undefined

const conversion = /%([-0 #]*)(\d*)(?:\.(\d+))?(hh|h|ll|l|z)?(pOF[fnpPFcC]*|[sdiuxXcp%])/g

/**
 * Models `vsnprintf` (lib/vsprintf.c, v4.18) for the formats that the modelled files use: `%s %d %i %u %x %X %c %p %%`
 * with flags, width, precision of strings and length modifiers, and `%pOF` with its letters. Strings are read from
 * memory, so a freed string is a use-after-free.
 *
 * @param fmt - kernel format string
 * @param args - one for each conversion except `%%`
 */
export function vsnprintf(fmt: string, args: readonly FormatArgument[]): string {
  let next = 0
  return fmt.replace(
    conversion,
    (
      _match,
      flags: string,
      width: string,
      precision: string | undefined,
      size: string | undefined,
      type: string,
    ) => {
      if (type === '%') return '%'
      const value = args[next++]
      if ('diuxX'.includes(type)) return number(value, type, bitsOf[size ?? ''] ?? 32, flags, Number(width))
      const formatted = formatOne(type, value, precision)
      return flags.includes('-') ? formatted.padEnd(Number(width)) : formatted.padStart(Number(width))
    },
  )
}

/** Width in bits of a number, by length modifier. */
const bitsOf: Readonly<Record<string, number>> = { hh: 8, h: 16, l: 64, ll: 64, z: 64 }

/** Models `sprintf` (lib/vsprintf.c, v4.18). Returns the text instead of filling a buffer. */
export function sprintf(fmt: string, ...args: readonly FormatArgument[]): string {
  return vsnprintf(fmt, args)
}

function formatOne(type: string, value: FormatArgument, precision: string | undefined): string {
  switch (type) {
    case 's':
      return string(value).slice(0, precision === undefined ? undefined : Number(precision))
    case 'c':
      return String.fromCharCode(Number(value))
    case 'p':
      return pointer(value)
    default:
      return device_node_string(value as FormattedNode | null, type.slice('pOF'.length))
  }
}

/**
 * Models `number` (lib/vsprintf.c, v4.18): formats an integer of `bits` bits. Zero padding goes after the sign and
 * prefix.
 */
function number(value: FormatArgument, type: string, bits: number, flags: string, width: number): string {
  const whole = BigInt(Math.trunc(Number(value) || 0))
  const signed = type === 'd' || type === 'i'
  const wrapped = signed ? BigInt.asIntN(bits, whole) : BigInt.asUintN(bits, whole)
  const sign = wrapped < 0n ? '-' : signed && flags.includes(' ') ? ' ' : ''
  const hexadecimal = type === 'x' || type === 'X'
  const prefix = sign + (hexadecimal && flags.includes('#') ? `0${type}` : '')
  let digits = (wrapped < 0n ? -wrapped : wrapped).toString(hexadecimal ? 16 : 10)
  if (type === 'X') digits = digits.toUpperCase()
  if (flags.includes('-')) return (prefix + digits).padEnd(width)
  if (flags.includes('0')) digits = digits.padStart(width - prefix.length, '0')
  return (prefix + digits).padStart(width)
}

/** Models `string` (lib/vsprintf.c, v4.18), `%s`: NULL prints as `(null)`. */
function string(value: FormatArgument): string {
  if (value === null || value === undefined) return '(null)'
  if (value instanceof cstr) return text(value)
  // A poisoned pointer is not a `cstr`. `text` dereferences the pointer all the same, which is an Oops.
  if (typeof value === 'object' || typeof value === 'function') return text(value as cstr)
  return String(value)
}

/**
 * Stands for `pointer` (lib/vsprintf.c, v4.18), `%p`: prints the name of the object that contains the address, because
 * the models have no addresses. Prints `(null)` for NULL, and `(____ptrval____)` for anything outside allocated
 * objects.
 */
function pointer(value: FormatArgument): string {
  if (value === null || value === undefined) return '(null)'
  if (typeof value !== 'object') return '(____ptrval____)'
  let holder: { slab?: SlabRecord | null; container?: object | null } =
    value instanceof cstr ? value.memory : value
  while (holder.container != null) holder = holder.container
  return holder.slab?.id ?? '(____ptrval____)'
}

/**
 * Models `device_node_string` (lib/vsprintf.c, v4.18): `%pOF` and its letters. Builds the path by following `parent`
 * without references and locks, so a freed parent is a use-after-free.
 */
function device_node_string(node: FormattedNode | null, letters: string): string {
  if (node === null) return '(null)'
  return Array.from(letters === '' ? 'f' : letters)
    .map((letter) => nodePart(node, letter))
    .join(':')
}

function nodePart(node: FormattedNode, letter: string): string {
  switch (letter) {
    case 'n':
      return string(node.name)
    case 'p':
      return String(node.phandle >>> 0)
    case 'P':
      return nodeName(node)
    case 'F':
      return Array.from('DdPB')
        .map((flag, index) => ((node._flags >> (index + 1)) & 1 ? flag : '-'))
        .join('')
    case 'c':
      return compatibleOf(node)[0] ?? ''
    case 'C':
      return compatibleOf(node)
        .map((entry) => `"${entry}"`)
        .join(',')
    default:
      return device_node_gen_full_name(node)
  }
}

/** Returns the strings of the "compatible" property; none if the node does not have it or its value is NULL. */
function compatibleOf(node: FormattedNode): string[] {
  const entries: string[] = []
  for (let pp = node.properties; pp !== null; pp = pp.next) {
    if (pp.value === null || string(pp.name) !== 'compatible') continue
    for (let at = 0; at < pp.length; at += (entries.at(-1)?.length ?? 0) + 1) {
      entries.push(text(new cstr(pp.value.memory, pp.value.offset + at)))
    }
    break
  }
  return entries
}

/**
 * Formats `%pOFP`: the last component of the path. A component shorter than two characters prints as `/`, because the
 * kernel takes its node for the root.
 */
function nodeName(node: FormattedNode): string {
  const name = lastComponent(node)
  return name.length < 2 ? '/' : name
}

/** Returns the part of `full_name` after the last `/`. NULL is an Oops. */
function lastComponent(node: FormattedNode): string {
  const name = text(followPointer(node.full_name))
  return name.slice(name.lastIndexOf('/') + 1)
}

/**
 * Models `device_node_gen_full_name` (lib/vsprintf.c, v4.18): follows `parent` up to the root, then joins the names
 * from the root down.
 */
function device_node_gen_full_name(node: FormattedNode): string {
  const below: FormattedNode[] = []
  for (let np = node; ;) {
    const { parent } = np
    if (parent === null) break
    below.unshift(np)
    np = parent
  }
  return `/${below.map(lastComponent).join('/')}`
}
