// SPDX-License-Identifier: GPL-2.0-only
import { procEntries, sysfsRoot, type kernfs_node, type Machine, type Peeked } from '@pfo-workbench/kernel'
import { linuxFacts, type KernelFile } from '@pfo-workbench/run'

/** Placeholder for the content of a file that is not read. */
const notRead = '(there)'

/** Content that a read or readlink returns, or text in parentheses that says why there is none. */
export function contentOf(peeked: Peeked): string {
  if (peeked.outcome === 'oops') return '(the reader dies)'
  if (peeked.outcome !== 'completed') return '(the reader waits forever)'
  if (peeked.usedFreed) return '(freed memory)'
  return typeof peeked.value === 'number' ? `(errno ${String(-peeked.value)})` : peeked.value
}

const firmwareTree = '/sys/firmware/devicetree/base'

/** Kinds of entries that have content. */
type Kind = Exclude<kernfs_node['kind'], 'directory'>

/** Collects the files and links below an entry of sysfs. */
function collect(kn: kernfs_node, path: string, entries: Map<string, Kind>): void {
  if (kn.kind !== 'directory') entries.set(path, kn.kind)
  for (const [name, child] of kn.children) collect(child, `${path}/${name}`, entries)
}

/**
 * Reads the files and links of sysfs and procfs as a user would, with the kernel's own functions and without side effects on
 * the machine. The device tree has several hundred files since boot; only those of the platform facilities are read.
 */
export class KernelFileReader {
  readonly #machine: Machine
  /** Files that have existed since boot; true for those that are read. */
  #sinceBoot: ReadonlyMap<string, boolean> | null = null

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** All files and links, sorted by path. */
  files(): KernelFile[] {
    const entries = new Map<string, Kind>()
    this.#machine.inspect(() => {
      collect(sysfsRoot(), '/sys', entries)
      for (const { path, kind } of procEntries()) entries.set(path, kind)
    })
    const paths = [...entries.keys()].sort()
    const sinceBoot = (this.#sinceBoot ??= new Map(paths.map((path) => [path, isRead(path)])))
    return paths.map((path) => ({
      path,
      content: sinceBoot.get(path) === false ? notRead : this.#contentOf(path, entries.get(path)),
    }))
  }

  #contentOf(path: string, kind: Kind | undefined): string {
    return contentOf(kind === 'link' ? this.#machine.peekLinkText(path) : this.#machine.peek(path))
  }
}

/** True if a file that has existed since the boot is read. */
function isRead(path: string): boolean {
  return (
    !path.startsWith(`${firmwareTree}/`) || path.startsWith(`${firmwareTree}${linuxFacts.platformFacilities}`)
  )
}
