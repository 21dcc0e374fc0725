// SPDX-License-Identifier: GPL-2.0-only

/** A kind of node that the recordings track. A new node of the same kind has the same name, path and phandle. */
export interface NodeKind {
  /** Name in the recordings; for a facility, its function. */
  readonly kind: string
  readonly name: string
  readonly path: string
  readonly handle: number
}

/** Name and path of the parent of the facilities. */
export const facilitiesName = 'ibm,platform-facilities'
export const facilitiesPath: string = `/${facilitiesName}`

function facility(kind: string, handle: number): NodeKind {
  const name = `ibm,${kind}-v1`
  return { kind, name, path: `${facilitiesPath}/${name}`, handle }
}

/** The four kinds, the parent first. */
export const nodeKinds: readonly NodeKind[] = [
  { kind: 'facilities', name: facilitiesName, path: facilitiesPath, handle: 0xfffffff6 },
  facility('random', 0xfffffff5),
  facility('compression', 0xfffffff4),
  facility('sym-encryption', 0xfffffff3),
]
