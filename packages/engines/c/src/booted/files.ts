// SPDX-License-Identifier: GPL-2.0-only
import { childrenOf, constantOf, findChild, findProcFile, kernfsPath, viewAt } from '@pfo-workbench/host'
import { EACCES, EINVAL, EIO, EISDIR, ENODEV, ENOENT, ENOTDIR } from '@pfo-workbench/kernel'
import { addressOf, type Machine, type View } from '@pfo-workbench/machine'

/** Key of the buffer for file contents in C memory, which is page-sized and page-aligned. */
const key = Symbol('files')

function pageOf(machine: Machine): bigint {
  const state = machine.stateOf(key, () => ({ page: 0n }))
  if (state.page === 0n) {
    const size = Number(constantOf(machine, 'PAGE_SIZE'))
    state.page = machine.allocator.reserve(size, size)
  }
  return state.page
}

/** Allocates the file buffer before the machine is saved, so that each run has it at the same address. */
export function prepareFiles(machine: Machine): void {
  pageOf(machine)
}

const sizeOf = (value: bigint): number => Number(BigInt.asIntN(64, value))

/** Maximum number of links that are followed while a link is resolved, so that a loop of links ends. */
const maxLinks = 8

/** The sysfs file at a path below `/sys`, following links; null if it does not exist. */
export function findFile(machine: Machine, path: string): View | null {
  return walk(machine, path, (directory, name) => childNamed(machine, directory, name))
}

/** Like `findFile`, but does not follow a link at the end of the path; null if it does not exist. */
function findLink(machine: Machine, path: string): View | null {
  const slash = path.lastIndexOf('/')
  const directory = findFile(machine, path.slice(0, Math.max(0, slash)))
  if (directory === null) return null
  const name = path.slice(slash + 1)
  return childNamed(machine, directory, name)
}

/** The file of that name in a directory of sysfs; null if there is none. */
export function childNamed(machine: Machine, directory: View, name: string): View | null {
  return findChild(machine, directory, (one) => one.hasString('name', name))
}

/**
 * Walks a path. A link is text: the path of its original target. It resolves to whatever is at that path now.
 *
 * @param find - looks up a name in a directory
 * @param links - number of links that are being resolved
 * @returns null if the path does not exist
 */
function walk(
  machine: Machine,
  path: string,
  find: (directory: View, name: string) => View | null | undefined,
  links = 0,
): View | null {
  const root = machine.symbols.pointerTo('sysfs_root_kn')
  let at = root === null ? null : viewAt(machine, 'kernfs_node', machine.memory.u64(addressOf(root)))
  for (const name of path.split('/').filter((one) => one !== '')) {
    if (at === null) return null
    const child: View | null = find(at, name) ?? null
    if (child === null || !isLink(machine, child)) {
      at = child
      continue
    }
    const target = child.follow('symlink.target_kn', 'kernfs_node')
    at = target === null || links === maxLinks ? null : walk(machine, kernfsPath(target), find, links + 1)
  }
  return at
}

function typeOf(kn: View): bigint {
  return kn.unsigned('flags') & 0xfn
}

function isLink(machine: Machine, kn: View): boolean {
  return typeOf(kn) === constantOf(machine, 'KERNFS_LINK')
}

/** An open file: its attribute, and the object that owns it. */
interface OpenFile {
  readonly attribute: bigint
  readonly kobj: bigint
  /** The functions of the object's type; null if it has none. */
  readonly operations: View | null
  /** True for a binary attribute, whose `read` gets a position. */
  readonly binary: boolean
}

/** Looks up each part of a path as kernfs does when a file is opened. This takes the lock of kernfs. */
function lookUp(machine: Machine, path: string): void {
  const buffer = pageOf(machine)
  walk(machine, path, (directory, name) => {
    const kept = machine.memory.string(addressOf(buffer))
    machine.memory.setString(addressOf(buffer), name)
    const found = machine.call('kernfs_find_and_get_ns', directory.pointer, buffer, 0n)
    machine.memory.setString(addressOf(buffer), kept)
    if (found === 0n) return null
    machine.call('kernfs_put', found)
    return machine.view('kernfs_node', found)
  })
}

/**
 * Opens a file as kernfs does, and closes it after use. In between, the file cannot be removed.
 *
 * @returns the result of `use`; a negative errno if the file cannot be opened
 */
function withFile(machine: Machine, path: string, use: (file: OpenFile) => number): number {
  const kn = findFile(machine, path)
  lookUp(machine, path)
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

/** The part of a path that follows `/sys/`; null for paths outside of `/sys`. */
const belowSys = (path: string): string | null => /^\/sys(?:\/(.*))?$/.exec(path)?.slice(1).join('') ?? null

/**
 * The names in a directory of `/sys`, sorted. Follows links in the path and at its end.
 *
 * @returns a negative errno if there is no such directory; null if the task did not return
 */
export function listDirectory(machine: Machine, path: string): readonly string[] | number | null {
  const below = belowSys(path)
  if (below === null) return -ENOENT
  return machine.task('ls', () => {
    lookUp(machine, below)
    const kn = findFile(machine, below)
    if (kn === null) return -ENOENT
    if (typeOf(kn) !== constantOf(machine, 'KERNFS_DIR')) return -ENOTDIR
    return childrenOf(machine, kn)
      .map((one) => one.string('name') ?? '')
      .sort()
  })
}

/**
 * The text of a symbolic link in `/sys`: the relative path from its directory to the target.
 *
 * @returns a negative errno if there is no such link; null if the task did not return
 */
export function readLink(machine: Machine, path: string): string | number | null {
  const below = belowSys(path)
  if (below === null) return -ENOENT
  return machine.task('ls', () => {
    lookUp(machine, below)
    const link = findLink(machine, below)
    if (link === null) return -ENOENT
    const target = isLink(machine, link) ? link.follow('symlink.target_kn', 'kernfs_node') : null
    if (target === null) return -EINVAL
    const from = kernfsPath(link).split('/').slice(1, -1)
    const to = kernfsPath(target).split('/').slice(1)
    let common = 0
    while (common < from.length && common < to.length && from[common] === to[common]) common++
    return [...from.slice(common).map(() => '..'), ...to.slice(common)].join('/')
  })
}

/** Maximum number of bytes that are read from a binary file. */
const longestRead = 4096

/**
 * Reads a file of `/sys`. Files of `/proc` cannot be read: -EACCES.
 *
 * @returns its content, one byte per character; a negative errno; null if the task did not return
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
 * Writes to a file of `/sys` or `/proc` in one call.
 *
 * @param data - one byte per character
 * @returns the number of bytes written; a negative errno; null if the task did not return
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

/**
 * Calls the write function of a file of `/proc`. It is in a `struct proc_ops` since v5.6, and in a
 * `struct file_operations` before. These write functions do not use their `struct file` argument.
 */
function writeProc(machine: Machine, path: string, buffer: bigint, length: number): number {
  const entry = findProcFile(machine, path)
  if (entry === null) return -ENOENT
  const operations = machine.layouts.has('proc_ops')
    ? machine.view('proc_ops', entry.operations).pointerIn('proc_write')
    : machine.view('file_operations', entry.operations).pointerIn('write')
  if (operations === 0n) return -EIO
  return sizeOf(machine.callPointer(operations, 0n, buffer, length, 0n))
}
