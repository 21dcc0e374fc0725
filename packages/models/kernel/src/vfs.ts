// SPDX-License-Identifier: GPL-2.0-only
import { toBytes } from './bytes.ts'
import { EACCES, EINVAL, ENOENT } from './errno.ts'
import {
  kernfs_fop_read,
  kernfs_get_target_path,
  kernfs_iop_lookup,
  kernfs_iop_permission,
  kernfsPath,
  sysfsRoot,
  type FileReader,
  type FileWriter,
  type kernfs_node,
} from './kernfs.ts'
import { fileScope } from './machine.ts'

/** An entry of procfs: a file, or a link to somewhere else. */
export interface ProcEntry {
  readonly read?: FileReader
  readonly write?: FileWriter
  readonly link?: string
}

const vfs = fileScope(() => ({ proc: new Map<string, ProcEntry>() }))

/** Models `proc_create` and `proc_symlink` (fs/proc/generic.c): an entry below `/proc`. */
export function proc_create(path: string, entry: ProcEntry): void {
  vfs().proc.set(path, entry)
}

/** How many links a path may lead through, as in the kernel. */
const MAXSYMLINKS = 40

type Found = kernfs_node | ProcEntry | number

/** Models a path walk (fs/namei.c): the file, or a negative errno. Every step below `/sys` takes `kernfs_mutex`. */
function link_path_walk(path: string, links = 0): Found {
  if (links > MAXSYMLINKS) return -40
  const components = path.split('/').filter((component) => component !== '' && component !== '.')
  const [mount, ...rest] = components
  if (mount === 'proc') return walkProc(rest, links)
  if (mount !== 'sys') return -ENOENT
  let kn: kernfs_node = sysfsRoot()
  for (const [index, component] of rest.entries()) {
    kernfs_iop_permission()
    if (component === '..') {
      kn = kn.parent ?? kn
      continue
    }
    const next = kernfs_iop_lookup(kn, component)
    if (next === null) return -ENOENT
    if (next.kind === 'link' && index < rest.length) {
      const target = `/sys${kernfsPath(kn)}/${kernfs_get_target_path(next)}/${rest.slice(index + 1).join('/')}`
      return link_path_walk(normalize(target), links + 1)
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
    return rest.length === 0 ? entry : -ENOENT
  }
  return -ENOENT
}

function normalize(path: string): string {
  const out: string[] = []
  for (const component of path.split('/')) {
    if (component === '..') out.pop()
    else if (component !== '' && component !== '.') out.push(component)
  }
  return `/${out.join('/')}`
}

function isKernfs(found: kernfs_node | ProcEntry): found is kernfs_node {
  return 'children' in found
}

/** Reads a whole file: its bytes, or a negative errno. */
export function vfs_read(path: string): Uint8Array | number {
  const found = link_path_walk(path)
  if (typeof found === 'number') return found
  if (isKernfs(found)) {
    if (found.kind === 'directory') return -21
    return bytesOf(kernfs_fop_read(found))
  }
  return found.read === undefined ? -EACCES : bytesOf(found.read())
}

function bytesOf(content: Uint8Array | string | number): Uint8Array | number {
  return typeof content === 'string' ? toBytes(content, false) : content
}

/** Writes to a file in one piece: the number of bytes taken, or a negative errno. */
export function vfs_write(path: string, data: Uint8Array): number {
  const found = link_path_walk(path)
  if (typeof found === 'number') return found
  const write = found.write ?? null
  return write === null ? -EINVAL : write(data)
}

/** Names in a directory, sorted, or a negative errno. */
export function vfs_readdir(path: string): string[] | number {
  const found = link_path_walk(path)
  if (typeof found === 'number') return found
  return isKernfs(found) && found.kind === 'directory' ? [...found.children.keys()].sort() : -20
}

/** The text of a link, or a negative errno. */
export function vfs_readlink(path: string): string | number {
  const slash = path.lastIndexOf('/')
  const directory = link_path_walk(path.slice(0, slash))
  if (typeof directory === 'number') return directory
  if (!isKernfs(directory)) return -EINVAL
  const kn = kernfs_iop_lookup(directory, path.slice(slash + 1))
  if (kn === null) return -ENOENT
  return kn.kind === 'link' ? kernfs_get_target_path(kn) : -EINVAL
}
