// SPDX-License-Identifier: GPL-2.0-only
import {
  kernfsPath,
  procEntries,
  sysfsRoot,
  type kernfs_node,
  type Machine,
  type Peeked,
} from '@pfo-workbench/kernel'
import { linuxFacts, type KernelFile } from '@pfo-workbench/run'

/** What stands for the content of a file that is not read. */
const notRead = '(there)'

/** What a read or readlink gives, in words where it gives nothing. */
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
 * Reads the files and links of sysfs and procfs as a person would, by the kernel's own functions and without a trace on the machine. Of the
 * several hundred files of the device tree that are there since the boot, only those of the platform facilities are read.
 */
export class KernelFileReader {
  readonly #machine: Machine
  #sinceBoot: ReadonlySet<string> | null = null

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** All files and links, in the order of their paths. */
  files(): KernelFile[] {
    const entries = this.#machine.inspect(() => [...entriesBelow(sysfsRoot()), ...procEntries()])
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
