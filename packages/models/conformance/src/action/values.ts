// SPDX-License-Identifier: GPL-2.0-only
import { fromBytes, toBytes } from '@pfo-workbench/kernel'
import { cells, type FirmwareNode, platformFacilities } from '@pfo-workbench/powervm'
import { facilitiesPath } from '../node-kinds.ts'
import { ActionError } from './action-error.ts'

/** The recorded kernel's byte order, in which nx-crypto reads two properties. */
const endian = 'little'

/** Properties of firmware that the recordings' `add_node` omits. */
const notAdded: readonly string[] = [
  '#address-cells',
  '#size-cells',
  'ibm,shared-interrupt-pool',
  'ibm,phandle',
]

/**
 * The command that adds a node as in the recordings: with its name, firmware's properties, and a phandle.
 *
 * @param path - of one of the recorded nodes; the properties of other nodes are not known
 * @throws ActionError for another path
 */
export function addNodeCommand(path: string, handle: number): string {
  const node = recordedNode(path)
  const own = node.properties.filter(({ name }) => !notAdded.includes(name))
  const words = [
    { name: 'name', value: `${node.name}\0` },
    ...own.map(({ name, value }) => ({ name, value: fromBytes(value) })),
    { name: 'ibm,phandle', value: fromBytes(cells([handle])) },
  ].map(({ name, value }) => `${name} ${value.length} ${value}`)
  return ['add_node', path, ...words].join(' ')
}

function recordedNode(path: string): FirmwareNode {
  const top = platformFacilities(endian)
  const nodes = new Map([
    [facilitiesPath, top],
    ...top.children.map((child) => [`${facilitiesPath}/${child.name}`, child] as const),
  ])
  const node = nodes.get(path)
  if (node === undefined) {
    throw new ActionError(
      `the properties of ${path} are not known, only those of ${[...nodes.keys()].join(', ')}; ` +
        'write out the properties of other nodes: ofdt add_node PATH NAME LENGTH VALUE ...',
    )
  }
  return node
}

/**
 * The bytes of a property: words such as `0x800` are cells, any other text is a string with its terminator.
 *
 * @param path - path of the node; properties that nx-crypto reads in host order are sent in host order
 * @param property - its name
 */
export function valueBytes(path: string, property: string, value: string): number[] {
  if (!/^0x[0-9a-f]{1,8}( 0x[0-9a-f]{1,8})*$/i.test(value)) return [...toBytes(decode(value))]
  const inHostOrder = path.endsWith('/ibm,sym-encryption-v1') && /^ibm,max-(sg-len|sync-cop)$/.test(property)
  return [...cells(value.split(' ').map(Number), inHostOrder ? endian : 'big')]
}

/** Decodes bytes in octal, and `\n`, `\t` and `\\`, as the shell's `printf` does. */
export function decode(text: string): string {
  return text.replace(/\\(?:([0-7]{1,3})|([nt\\]))/g, (_all, octal: string | undefined, letter: string) =>
    octal === undefined
      ? (escapedLetters[letter] ?? letter)
      : String.fromCharCode(Number.parseInt(octal, 8) & 0xff),
  )
}

const escapedLetters: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\' }
