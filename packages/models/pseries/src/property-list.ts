// SPDX-License-Identifier: GPL-2.0-only
import { be32_to_cpup, type cstr } from '@pfo-workbench/kernel'
import { AreaReader } from './work-area.ts'

/** One descriptor of the property list that `ibm,update-properties` gives. */
export interface PropertyDescriptor {
  readonly name: cstr
  /** The property is gone; else `value` is to be had. */
  readonly isRemoved: boolean
  /** Length of the value, negative (in C) if there is more to come. */
  readonly vd: number
  readonly value: cstr
}

/** `vd` of a property that is only named, and of one that is gone (arch/powerpc/platforms/pseries/mobility.c, v4.18). */
const vdNameOnly = 0
const vdRemoved = 0x80000000

/** Where in `struct update_props_workarea` the number of descriptors is, as a word, and where they begin, as a byte. */
const npropsWord = 4
const descriptorsOffset = 20

/**
 * The descriptors in a work area. A first one without a name carries the node's path; it counts, and is left out. Where the
 * next one begins is what `vd` says without its sign, so one with more to come is the last. Properties that are only named
 * are left out too: nothing is done about them.
 */
export function* descriptorsIn(area: cstr): Generator<PropertyDescriptor, void> {
  let left = be32_to_cpup(area, npropsWord)
  const reader = new AreaReader(area, descriptorsOffset)
  if (reader.isAtEmptyString) {
    reader.nextString()
    reader.passOver(reader.nextWord())
    left = (left - 1) >>> 0
  }
  for (; left > 0 && !reader.isThrough; left--) {
    const name = reader.nextString()
    const vd = reader.nextWord()
    const isRemoved = vd === vdRemoved
    if (vd !== vdNameOnly) yield { name, isRemoved, vd, value: reader.here }
    if (!isRemoved) reader.passOver(vd)
  }
}
