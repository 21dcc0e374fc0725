// SPDX-License-Identifier: GPL-2.0-only
import {
  ENOENT,
  procEntries,
  sysfsRoot,
  type kernfs_node,
  type Machine,
  type Peeked,
} from '@pfo-workbench/kernel'
import { linuxFacts, type PseudoFile } from '@pfo-workbench/run'

/** Placeholder for the content of a file that is not read. */
const notRead = '(there)'

const dies = '(the reader dies)'
const waits = '(the reader waits forever)'

/** Content that a read or readlink returns, or text in parentheses that says why there is none. */
function contentOf(peeked: Peeked): string {
  if (peeked.outcome === 'oops') return dies
  if (peeked.outcome !== 'completed') return waits
  if (peeked.usedFreed) return '(freed memory)'
  return typeof peeked.value === 'number' ? errnoText(-peeked.value) : peeked.value
}

const errnoText = (errno: number): string => `(errno ${String(errno)})`

/** Content of one of the files, or text in parentheses if it cannot be read; null if the reader does not return. */
export function pseudoFileContent(path: string, files: ReadonlyMap<string, PseudoFile>): string | null {
  const content = files.get(path)?.content ?? errnoText(ENOENT)
  return content === dies || content === waits ? null : content
}

const firmwareTree = '/sys/firmware/devicetree/base'

/** Reads a file or link. */
type Read = () => Peeked

/**
 * Reads the files and links of sysfs and procfs as a user would, with the kernel's own functions and without side
 * effects on the machine. Of the several hundred files of the device tree, only those of the platform facilities and
 * those that appear after the first read are read.
 */
export class PseudoFileReader {
  readonly #machine: Machine
  /** Files that existed at the first read and that are never read; null before that. */
  #skipped: ReadonlySet<string> | null = null
  /** The files at the last read, by path. */
  #last: ReadonlyMap<string, PseudoFile> = new Map()

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** All files and links by path, sorted. A file that is the same as at the last call is the same object. */
  files(): ReadonlyMap<string, PseudoFile> {
    const reads = this.#machine.inspect(() => this.#reads())
    const paths = [...reads.keys()].sort()
    const skipped = (this.#skipped ??= new Set(paths.filter((path) => !isRead(path))))
    const files = new Map<string, PseudoFile>()
    for (const path of paths) {
      const content = skipped.has(path) ? notRead : contentOf((reads.get(path) as Read)())
      const last = this.#last.get(path)
      files.set(path, last?.content === content ? last : { path, content })
    }
    this.#last = files
    return files
  }

  /** For each file and link, by path, the function that reads it. */
  #reads(): Map<string, Read> {
    const reads = new Map<string, Read>()
    this.#addBelow(sysfsRoot(), '/sys', reads)
    for (const { path, kind } of procEntries())
      reads.set(path, () => (kind === 'link' ? this.#machine.peekLinkText(path) : this.#machine.peek(path)))
    return reads
  }

  /** Adds the files and links below a directory of sysfs. All entries of a directory share one path walk. */
  #addBelow(directory: kernfs_node, path: string, reads: Map<string, Read>): void {
    let walked: Walk | null = null
    for (const [name, kn] of directory.children) {
      if (kn.kind === 'directory') this.#addBelow(kn, `${path}/${name}`, reads)
      else
        reads.set(`${path}/${name}`, () => {
          const walk = (walked ??= this.#machine.tryWalk(path))
          if (walk.outcome !== 'completed') return walk
          return typeof walk.value === 'number' ? { ...walk, target: null } : this.#machine.peekEntry(kn)
        })
    }
  }
}

/** Result of the walk to a directory. */
type Walk = ReturnType<Machine['tryWalk']>

/** True if a file that existed at the first read is read. */
function isRead(path: string): boolean {
  return (
    !path.startsWith(`${firmwareTree}/`) || path.startsWith(`${firmwareTree}${linuxFacts.platformFacilities}`)
  )
}
