// SPDX-License-Identifier: GPL-2.0-only
import type { ObjectFile } from '@pfo-workbench/object'
import type { CoveragePoint, StackVariable, Untranslated, WatchedFunction } from '../image.ts'

/**
 * An image-wide list of entries that each object numbers on its own. The list contains only entries that the image's
 * code uses.
 */
class SharedList<T> {
  readonly items: T[] = []
  private readonly numbers = new Map<ObjectFile, Map<number, number>>()

  number(object: ObjectFile, index: number, make: () => T): number {
    let own = this.numbers.get(object)
    if (own === undefined) this.numbers.set(object, (own = new Map<number, number>()))
    let number = own.get(index)
    if (number === undefined) own.set(index, (number = this.items.push(make()) - 1))
    return number
  }
}

/** Numbers that the code passes to the machine. */
export class SharedNumbers {
  private readonly untranslatedList = new SharedList<Untranslated>()
  private readonly coveragePointList = new SharedList<CoveragePoint>()
  private readonly stackList = new SharedList<StackVariable>()
  private readonly indirectList = new SharedList<number>()
  readonly watchpoints: WatchedFunction[] = []

  get untranslated(): readonly Untranslated[] {
    return this.untranslatedList.items
  }

  get coveragePoints(): readonly CoveragePoint[] {
    return this.coveragePointList.items
  }

  get stackVariables(): readonly StackVariable[] {
    return this.stackList.items
  }

  untranslatedNumber(object: ObjectFile, index: number): number {
    return this.untranslatedList.number(object, index, () => {
      const { function: name, line, reason } = entry(object.untranslated, index)
      return { function: name, file: object.file, line, reason }
    })
  }

  coveragePointNumber(object: ObjectFile, index: number): number {
    return this.coveragePointList.number(object, index, () => entry(object.coveragePoints, index))
  }

  stackVariableNumber(object: ObjectFile, index: number): number {
    return this.stackList.number(object, index, () => entry(object.stackVariables, index))
  }

  indirectWatch(object: ObjectFile, index: number): number {
    const position = this.indirectList.number(object, index, () =>
      this.watch({ kind: 'indirect-call', name: entry(object.watches, index), file: object.file }),
    )
    return this.indirectList.items[position] ?? 0
  }

  watch(watchpoint: WatchedFunction): number {
    return this.watchpoints.push(watchpoint) - 1
  }
}

function entry<T>(list: readonly T[], index: number): T {
  const item = list[index]
  if (item === undefined) throw new Error(`an object without entry ${index}`)
  return item
}
