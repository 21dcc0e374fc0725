// SPDX-License-Identifier: GPL-2.0-only
import { childrenOf, constantOf, findProcFile, viewAt } from '@pfo-workbench/host'
import { EACCES, EINVAL, EIO, EISDIR, ENODEV, ENOENT } from '@pfo-workbench/kernel'
import { addressOf, type Machine, type View } from '@pfo-workbench/machine'

/** Where a file's content is put for C: as large as a page, and as aligned. */
const key = Symbol('files')

function pageOf(machine: Machine): bigint {
  const state = machine.stateOf(key, () => ({ page: 0n }))
  if (state.page === 0n) {
    const size = Number(constantOf(machine, 'PAGE_SIZE'))
    state.page = machine.allocator.reserve(size, size)
  }
  return state.page
}

/** Makes room for files before the machine is saved: each run has it at the same place. */
export function prepareFiles(machine: Machine): void {
  pageOf(machine)
}

const sizeOf = (value: bigint): number => Number(BigInt.asIntN(64, value))

/** Symbolic links that a path may lead through. */
const mostLinks = 8

/** The file of sysfs at a path below `/sys`; null if there is none. */
export function findFile(machine: Machine, path: string, links = 0): View | null {
  const root = machine.symbols.pointerTo('sysfs_root_kn')
  if (root === null) return null
  let at = viewAt(machine, 'kernfs_node', machine.memory.u64(addressOf(root)))
  for (const name of path.split('/').filter((one) => one !== '')) {
    if (at === null) return null
    const child: View | undefined = childrenOf(machine, at).find((one) => one.string('name') === name)
    if (child === undefined) return null
    at =
      isLink(machine, child) && links < mostLinks ? child.follow('symlink.target_kn', 'kernfs_node') : child
  }
  return at
}

function typeOf(kn: View): bigint {
  return kn.unsigned('flags') & 0xfn
}

function isLink(machine: Machine, kn: View): boolean {
  return typeOf(kn) === constantOf(machine, 'KERNFS_LINK')
}

/** A file that is open: its attribute, and the object that has it. */
interface OpenFile {
  readonly attribute: bigint
  readonly kobj: bigint
  /** The functions of the object's type; null where it has none. */
  readonly operations: View | null
  /** Whether its content is bytes at a position, not a text. */
  readonly binary: boolean
}

/** Opens a file as kernfs does: while it is used it cannot be removed. */
function withFile(machine: Machine, path: string, use: (file: OpenFile) => number): number {
  const kn = findFile(machine, path)
  if (kn === null) return -ENOENT
  if (typeOf(kn) === constantOf(machine, 'KERNFS_DIR')) return -EISDIR
  const parent = kn.follow(kn.has('parent') ? 'parent' : '__parent', 'kernfs_node')
  if (parent === null) return -ENOENT
  const kobj = parent.pointerIn('priv')
  const attribute = kn.pointerIn('priv')
  const kind = machine.symbols.dataAt(addressOf(kn.pointerIn('attr.ops')))?.name ?? ''
  const operations =
    machine.view('kobject', kobj).follow('ktype', 'kobj_type')?.follow('sysfs_ops', 'sysfs_ops') ?? null
  if (machine.call('kernfs_get_active', kn.pointer) === 0n) return -ENODEV
  const result = use({ attribute, kobj, operations, binary: kind.startsWith('sysfs_bin_') })
  machine.call('kernfs_put_active', kn.pointer)
  return result
}

/** Longest binary file that is read in one piece. */
const longestRead = 4096

/**
 * Reads a file of `/sys`.
 *
 * @returns its content, a byte a character; a negative errno; null if the task did not come back
 */
export function readFile(machine: Machine, path: string): string | number | null {
  const below = /^\/sys\/(.*)$/.exec(path)?.[1]
  if (below === undefined)
    return findProcFile(machine, path.replace(/^\/proc\//, '')) === null ? -ENOENT : -EACCES
  const page = pageOf(machine)
  const length = machine.task('cat', () =>
    withFile(machine, below, (file) => {
      machine.memory.bytes.fill(
        0,
        addressOf(page),
        addressOf(page) + Number(constantOf(machine, 'PAGE_SIZE')),
      )
      if (file.binary) return readBinary(machine, file, page)
      const show = file.operations?.pointerIn('show') ?? 0n
      if (show === 0n) return -EIO
      return sizeOf(machine.callPointer(show, file.kobj, file.attribute, page))
    }),
  )
  if (length === null || length < 0) return length
  return machine.inspect(() => {
    const start = addressOf(page)
    return String.fromCharCode(...machine.memory.bytes.subarray(start, start + length))
  })
}

function readBinary(machine: Machine, { attribute, kobj }: OpenFile, page: bigint): number {
  const view = machine.view('bin_attribute', attribute)
  const read = view.pointerIn('read')
  if (read === 0n) return -EIO
  const size = Number(view.unsigned('size'))
  const wanted = size === 0 ? longestRead : Math.min(size, longestRead)
  return sizeOf(machine.callPointer(read, 0n, kobj, attribute, page, 0n, wanted))
}

/**
 * Writes to a file of `/sys` or `/proc` in one piece.
 *
 * @param data - a byte a character
 * @returns the number of bytes taken; a negative errno; null if the task did not come back
 */
export function writeFile(machine: Machine, path: string, data: string): number | null {
  const page = pageOf(machine)
  const proc = /^\/proc\/(.*)$/.exec(path)?.[1]
  const sys = /^\/sys\/(.*)$/.exec(path)?.[1]
  if (data.length >= Number(constantOf(machine, 'PAGE_SIZE'))) return -EINVAL
  return machine.task('init', () => {
    machine.memory.setString(addressOf(page), data)
    if (proc !== undefined) return writeProc(machine, proc, page, data.length)
    if (sys === undefined) return -ENOENT
    return withFile(machine, sys, ({ operations, kobj, attribute }) => {
      const store = operations?.pointerIn('store') ?? 0n
      if (store === 0n) return -EIO
      return sizeOf(machine.callPointer(store, kobj, attribute, page, data.length))
    })
  })
}

/** `struct proc_ops` since v5.6, `struct file_operations` before. The file itself is no concern of those that are written to. */
function writeProc(machine: Machine, path: string, buffer: bigint, length: number): number {
  const entry = findProcFile(machine, path)
  if (entry === null) return -ENOENT
  const operations = machine.layouts.has('proc_ops')
    ? machine.view('proc_ops', entry.operations).pointerIn('proc_write')
    : machine.view('file_operations', entry.operations).pointerIn('write')
  if (operations === 0n) return -EIO
  return sizeOf(machine.callPointer(operations, 0n, buffer, length, 0n))
}
