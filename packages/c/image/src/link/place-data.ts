// SPDX-License-Identifier: GPL-2.0-only
import type { ObjectData } from '@pfo-workbench/object'
import type { Reached, ReachedData } from './reach.ts'
import type { UndefinedTarget } from './targets.ts'
import type { Range } from '../image.ts'

/** Addresses of data in WebAssembly memory. */
export interface PlacedData {
  readonly addresses: ReadonlyMap<ObjectData, number>
  readonly undefined: ReadonlyMap<UndefinedTarget, number>
  /** Bounds of sections, by module and section name. */
  readonly sections: ReadonlyMap<string | null, ReadonlyMap<string, Range>>
  /** Data ranges of each loadable module. */
  readonly modules: ReadonlyMap<string, readonly Range[]>
  readonly end: number
}

/** Size of the gap between variables, in bytes, so that an overrun is detected. */
const redzone = 16
const granule = 8

/**
 * Lays out data: first the kernel's, then each module's in one range, then undefined data. The data of a section whose
 * bounds are used is contiguous.
 */
export function placeData(reached: Reached, start: number): PlacedData {
  const placer = new DataPlacer(reached, start)
  placer.group(null)
  const modules = new Set([...reached.data.values()].flatMap(({ object }) => object.module ?? []))
  for (const module of modules) placer.group(module)
  placer.placeUndefined()
  return placer
}

class DataPlacer implements PlacedData {
  readonly addresses: Map<ObjectData, number> = new Map()
  readonly undefined: Map<UndefinedTarget, number> = new Map()
  readonly sections: Map<string | null, Map<string, Range>> = new Map()
  readonly modules: Map<string, readonly Range[]> = new Map()
  end: number
  private readonly reached: Reached

  constructor(reached: Reached, start: number) {
    this.reached = reached
    this.end = start
  }

  group(module: string | null): void {
    const start = this.end
    const bounded = this.reached.sections.get(module) ?? new Set<string>()
    const own = [...this.reached.data.values()].filter(({ object }) => object.module === module)
    const bySection = new Map<string, ReachedData[]>([...bounded].map((name) => [name, []]))
    for (const one of own) {
      const section = one.data.section === null ? undefined : bySection.get(one.data.section)
      if (section !== undefined) section.push(one)
      else
        this.addresses.set(one.data, this.take(one.data.size, Math.max(one.data.alignment, granule), redzone))
    }
    const bounds = new Map<string, Range>()
    for (const [name, all] of bySection) {
      this.end = align(this.end, granule)
      const first = this.end
      for (const { data } of all) this.addresses.set(data, this.take(data.size, data.alignment, 0))
      bounds.set(name, {
        start: all.length === 0 ? first : (this.addresses.get(all[0]?.data as ObjectData) ?? first),
        end: this.end,
      })
      this.end += redzone
    }
    this.sections.set(module, bounds)
    if (module !== null) this.modules.set(module, [{ start, end: this.end }])
  }

  placeUndefined(): void {
    for (const target of this.reached.undefined) {
      this.undefined.set(target, this.take(target.size, Math.max(target.alignment, granule), redzone))
    }
  }

  private take(size: number, alignment: number, gap: number): number {
    const address = align(this.end, alignment)
    this.end = address + size + gap
    return address
  }
}

function align(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment
}
