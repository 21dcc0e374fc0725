// SPDX-License-Identifier: GPL-2.0-only
import { be32_to_cpup, type cstr } from '@pfo-workbench/kernel'
import { AreaReader } from './work-area.ts'

/** One descriptor of the property list from `ibm,update-properties`. */
export interface PropertyDescriptor {
  readonly name: cstr
  /** True if the property was removed; otherwise `value` is valid. */
  readonly isRemoved: boolean
  /** Length of the value; negative (in C) if more pieces follow. */
  readonly vd: number
  readonly value: cstr
}

/** `vd` of a property without a value, and of a removed one (arch/powerpc/platforms/pseries/mobility.c, v4.18). */
const vdNameOnly = 0
const vdRemoved = 0x80000000

/** In `struct update_props_workarea`: word offset of the number of descriptors, and byte offset of the first one. */
const npropsWord = 4
const descriptorsOffset = 20

/**
 * The descriptors in a work area. A first descriptor without a name holds the node's path: it is counted but skipped.
 * `vd`, as an unsigned number, gives the offset of the next descriptor. If its sign bit is set and the property was not
 * removed, that offset is outside the area, so the list ends. Properties without a value are skipped too: the kernel
 * does nothing with them.
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
