// SPDX-License-Identifier: GPL-2.0-only
import { toBytes } from '../c/bytes.ts'
import { EINVAL, EIO, EISDIR, ELOOP, ENOENT, ENOTDIR } from '../include/errno.ts'
import {
  kernfs_fop_read,
  kernfs_fop_write,
  kernfs_get_target_path,
  kernfs_iop_lookup,
  kernfs_iop_permission,
  kernfsPath,
  sysfsRoot,
  type FileReader,
  type FileWriter,
  type kernfs_node,
} from './kernfs.ts'
import { fileScope } from '../machine/machine.ts'

/** An entry of procfs: a file or a symbolic link. */
export interface ProcEntry {
  readonly read?: FileReader
  readonly write?: FileWriter
  readonly link?: string
}

const vfs = fileScope(() => ({ proc: new Map<string, ProcEntry>() }))

/**
 * Models `proc_create` and `proc_symlink` (fs/proc/generic.c): creates an entry below `/proc`.
 *
 * @param path - path without the leading `/proc/`. A directory exists as soon as an entry is below it.
 */
export function proc_create(path: string, entry: ProcEntry): void {
  vfs().proc.set(path, entry)
}

/** Maximum number of links that a path walk follows, as in the kernel. */
const MAXSYMLINKS = 40

type Found = kernfs_node | ProcEntry | number

function componentsOf(path: string): string[] {
  return path.split('/').filter((component) => component !== '' && component !== '.')
}

/**
 * Models a path walk (fs/namei.c), which follows links, even at the end of the path. Takes `kernfs_mutex` at each step
 * below `/sys`.
 *
 * @param links - number of links followed so far
 * @returns the file, the directory in sysfs, or a negative errno: -ENOENT also for a directory in procfs
 */
function link_path_walk(path: string, links = 0): Found {
  if (links > MAXSYMLINKS) return -ELOOP
  const [mount, ...rest] = componentsOf(path)
  if (mount === 'proc') return walkProc(rest, links)
  if (mount !== 'sys') return -ENOENT
  let kn: kernfs_node = sysfsRoot()
  for (const [index, component] of rest.entries()) {
    kernfs_iop_permission()
    if (kn.kind !== 'directory') return -ENOTDIR
    if (component === '..') {
      kn = kn.parent ?? kn
      continue
    }
    const next = kernfs_iop_lookup(kn, component)
    if (next === null) return -ENOENT
    if (next.kind === 'link') {
      const target = `/sys${kernfsPath(kn)}/${kernfs_get_target_path(next)}/${rest.slice(index + 1).join('/')}`
      return link_path_walk(normalizedPath(target), links + 1)
    }
    kn = next
  }
  return kn
}

function walkProc(components: readonly string[], links: number): Found {
  for (let length = components.length; length > 0; length--) {
    const entry = vfs().proc.get(components.slice(0, length).join('/'))
    if (entry === undefined) continue
    const rest = components.slice(length)
    if (entry.link !== undefined) return link_path_walk([entry.link, ...rest].join('/'), links + 1)
    return rest.length === 0 ? entry : -ENOTDIR
  }
  return -ENOENT
}

function normalizedPath(path: string): string {
  const out: string[] = []
  for (const component of componentsOf(path)) {
    if (component === '..') out.pop()
    else out.push(component)
  }
  return `/${out.join('/')}`
}

function isKernfs(found: kernfs_node | ProcEntry): found is kernfs_node {
  return 'children' in found
}

/** Returns the file at a path, or a negative errno; -EISDIR for a directory. */
function fileAt(path: string): Found {
  const found = link_path_walk(path)
  if (typeof found === 'number') return procNames(path).length > 0 ? -EISDIR : found
  return isKernfs(found) && found.kind === 'directory' ? -EISDIR : found
}

/** Reads a whole file, as `vfs_read` (fs/read_write.c) and its callers do. Returns its bytes, or a negative errno. */
export function vfs_read(path: string): Uint8Array | number {
  const file = fileAt(path)
  if (typeof file === 'number') return file
  if (isKernfs(file)) return bytesOf(kernfs_fop_read(file))
  return file.read === undefined ? -EIO : bytesOf(file.read())
}

/** Reads a file or link of sysfs after the path walk. Returns its bytes, the text of a link, or a negative errno. */
export function readOpened(kn: kernfs_node): Uint8Array | string | number {
  return kn.kind === 'link' ? kernfs_get_target_path(kn) : bytesOf(kernfs_fop_read(kn))
}

function bytesOf(content: Uint8Array | string | number): Uint8Array | number {
  return typeof content === 'string' ? toBytes(content, false) : content
}

/**
 * Writes to a file in one piece, as `vfs_write` (fs/read_write.c) and its callers do. Returns the number of bytes
 * accepted, or a negative errno.
 */
export function vfs_write(path: string, data: Uint8Array): number {
  const file = fileAt(path)
  if (typeof file === 'number') return file
  if (isKernfs(file)) return kernfs_fop_write(file, data)
  return file.write === undefined ? -EIO : file.write(data)
}

/** Returns the names in a directory, sorted, or a negative errno. */
export function vfs_readdir(path: string): string[] | number {
  const names = procNames(path)
  if (names.length > 0) return names
  const found = link_path_walk(path)
  if (typeof found === 'number') return found
  return isKernfs(found) && found.kind === 'directory' ? [...found.children.keys()].sort() : -ENOTDIR
}

/** Returns the names in a directory of procfs; none if `path` is not such a directory. */
function procNames(path: string): string[] {
  const [mount, ...directory] = componentsOf(path)
  if (mount !== 'proc') return []
  const below = [...vfs().proc.keys()]
    .map(componentsOf)
    .filter(
      (entry) => entry.length > directory.length && directory.every((name, index) => name === entry[index]),
    )
  return [...new Set(below.map((entry) => entry[directory.length] ?? ''))].sort()
}

/** Paths and kinds of the entries of procfs. For inspection. */
export function procEntries(): { readonly path: string; readonly kind: 'file' | 'link' }[] {
  return [...vfs().proc].map(([path, { link }]) => ({
    path: `/proc/${path}`,
    kind: link === undefined ? 'file' : 'link',
  }))
}

/**
 * Follows all links of a path. Returns the path without links, or a negative errno. Returns `path` itself if the walk
 * ends at an entry of procfs. For inspection.
 */
export function realPath(path: string): string | number {
  const found = link_path_walk(path)
  if (typeof found === 'number') return found
  return isKernfs(found) ? `/sys${kernfsPath(found)}` : path
}

/**
 * Models `vfs_readlink` (fs/namei.c, v4.18). Returns the text of a link, or a negative errno: -EINVAL if the entry is
 * not a link.
 */
export function vfs_readlink(path: string): string | number {
  const components = componentsOf(path)
  const entry = components[0] === 'proc' ? vfs().proc.get(components.slice(1).join('/')) : undefined
  if (entry !== undefined) return entry.link ?? -EINVAL
  const name = components.pop() ?? ''
  const directory = link_path_walk(components.join('/'))
  if (typeof directory === 'number') return directory
  if (!isKernfs(directory) || directory.kind !== 'directory') return -ENOTDIR
  const kn = kernfs_iop_lookup(directory, name)
  if (kn === null) return -ENOENT
  return kn.kind === 'link' ? kernfs_get_target_path(kn) : -EINVAL
}
