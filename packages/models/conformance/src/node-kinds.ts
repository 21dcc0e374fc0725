// SPDX-License-Identifier: GPL-2.0-only

/** A kind of node that the recordings follow. A node of it that is made anew has the same name, place and handle. */
export interface NodeKind {
  /** What the recordings call it; of a facility, what it does. */
  readonly kind: string
  readonly name: string
  readonly path: string
  readonly handle: number
}

/** The name of the parent of the facilities, and where it is. */
export const FACILITIES_NAME = 'ibm,platform-facilities'
export const FACILITIES: string = `/${FACILITIES_NAME}`

function facility(kind: string, handle: number): NodeKind {
  const name = `ibm,${kind}-v1`
  return { kind, name, path: `${FACILITIES}/${name}`, handle }
}

/** The four kinds, the parent first. */
export const NODE_KINDS: readonly NodeKind[] = [
  { kind: 'facilities', name: FACILITIES_NAME, path: FACILITIES, handle: 0xfffffff6 },
  facility('random', 0xfffffff5),
  facility('compression', 0xfffffff4),
  facility('sym-encryption', 0xfffffff3),
]
