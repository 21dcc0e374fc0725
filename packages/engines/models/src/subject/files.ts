// SPDX-License-Identifier: GPL-2.0-only
import { kernfsPath, sysfsRoot, type kernfs_node, type Machine, type Peeked } from '@pfo-workbench/kernel'
import { linuxFacts, type KernelFile } from '@pfo-workbench/run'

/** Placeholder for the content of a file that is not read. */
const notRead = '(there)'

/** Content that a read or readlink returns, or text in parentheses that says why there is none. */
export function contentOf(peeked: Peeked): string {
  if (peeked.outcome === 'oops') return '(the reader dies)'
  if (peeked.outcome !== 'completed') return '(the reader waits for ever)'
  if (peeked.usedFreed) return '(freed memory)'
  return typeof peeked.value === 'number' ? `(errno ${String(-peeked.value)})` : peeked.value
}

const firmwareTree = '/sys/firmware/devicetree/base'

interface Entry {
  readonly path: string
  readonly kind: 'file' | 'link'
}

function entriesBelow(kn: kernfs_node): Entry[] {
  const own: Entry[] = kn.kind === 'directory' ? [] : [{ path: `/sys${kernfsPath(kn)}`, kind: kn.kind }]
  return [...own, ...[...kn.children.values()].flatMap(entriesBelow)]
}

/**
 * Reads the files and links of sysfs as a user would, with the kernel's own functions and without side effects on the
 * machine. The device tree has several hundred files since boot; only those of the platform facilities are read.
 */
export class SysfsReader {
  readonly #machine: Machine
  #sinceBoot: ReadonlySet<string> | null = null

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** All files and links, sorted by path. */
  files(): KernelFile[] {
    const entries = this.#machine.inspect(() => entriesBelow(sysfsRoot()))
    this.#sinceBoot ??= new Set(entries.map(({ path }) => path))
    return entries
      .map(({ path, kind }) => ({
        path,
        content: this.#isRead(path) ? this.#contentOf(path, kind) : notRead,
      }))
      .sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  #isRead(path: string): boolean {
    if (!path.startsWith(`${firmwareTree}/`) || this.#sinceBoot?.has(path) !== true) return true
    return path.startsWith(`${firmwareTree}${linuxFacts.platformFacilities}`)
  }

  #contentOf(path: string, kind: Entry['kind']): string {
    return contentOf(kind === 'file' ? this.#machine.peek(path) : this.#machine.peekLink(path))
  }
}
