// SPDX-License-Identifier: GPL-2.0-only
import type { Emitter } from './emitter.ts'
import { op } from './opcodes.ts'

/** A construct that encloses the current position. A branch to a `forward` or `loop` construct reaches `block`. */
type Label =
  { readonly kind: 'forward' | 'loop'; readonly block: number } | { readonly kind: 'dispatch' | 'plain' }

/** A loop: blocks `first` to `last`. Backward branches go to `first` only. */
interface Region {
  readonly first: number
  last: number
  readonly inner: Region[]
}

/**
 * Emits basic blocks, in their order, as structured control flow. If branches enter every loop only at its first block,
 * the result has WebAssembly loops. Otherwise a single loop around all blocks dispatches on a local that holds the next
 * block. The dispatch loop works for any graph.
 */
export class Flow {
  private readonly emitter: Emitter
  private readonly targets: readonly (readonly number[])[]
  private readonly labels: Label[] = []
  /** Targets of forward branches, except those that only fall through from the block before. */
  private readonly jumpedTo = new Set<number>()
  /** With a dispatch loop: the targets of backward branches. Otherwise null. */
  private readonly entries: readonly number[] | null
  private readonly next: number
  private readonly root: Region
  private current = 0

  /** @param targets - possible successors of each block */
  constructor(emitter: Emitter, targets: readonly (readonly number[])[]) {
    this.emitter = emitter
    this.targets = targets
    this.root = { first: 0, last: targets.length - 1, inner: [] }
    const backward = new Map<number, number>()
    for (const [from, all] of targets.entries()) {
      for (const to of all) {
        if (to <= from) backward.set(to, Math.max(backward.get(to) ?? 0, from))
        else if (to !== from + 1 || all.length > 1) this.jumpedTo.add(to)
      }
    }
    const structured = this.findLoops(backward)
    this.entries = structured ? null : [...backward.keys()].sort((a, b) => a - b)
    this.next = structured ? -1 : emitter.local('i32')
  }

  /** Emits all blocks. `write` emits one block, and ends it with branches, a return or `unreachable`. */
  emit(write: (block: number) => void): void {
    if (this.entries === null) this.region(this.root, write)
    else this.dispatch(this.entries, write)
  }

  /** Branches to a block. Emits nothing if execution falls through to it. */
  branch(to: number): void {
    if (this.fallsTo(to)) return
    this.emitter.branch(op.br, this.prepare(to))
  }

  /** Branches to a block if the i32 on the stack is not 0. Must not be used if {@link isBackwardDispatch} is true. */
  branchIf(to: number): void {
    this.emitter.branch(op.brIf, this.prepare(to))
  }

  /** True if a branch to a block must set the dispatch local first, and so cannot be conditional. */
  isBackwardDispatch(to: number): boolean {
    return this.entries !== null && to <= this.current
  }

  /** True if execution falls through from the current position to the block. */
  fallsTo(to: number): boolean {
    return to === this.current + 1 && this.labels.at(-1)?.kind !== 'plain'
  }

  /** Depth of a block for a branch table. Must not be used if {@link isBackwardDispatch} is true. */
  depth(to: number): number {
    return this.prepare(to)
  }

  /** Opens an `if` or `block` for the caller. */
  open(opcode: typeof op.if | typeof op.block): void {
    this.emitter.block(opcode)
    this.labels.push({ kind: 'plain' })
  }

  close(): void {
    this.emitter.op(op.end)
    this.labels.pop()
  }

  /** Number of open constructs, for {@link forget}. */
  get openLabels(): number {
    return this.labels.length
  }

  /** Drops the constructs that were opened after `openLabels` was read. The caller drops their code. */
  forget(labels: number): void {
    this.labels.length = labels
  }

  private prepare(to: number): number {
    if (this.isBackwardDispatch(to)) {
      this.emitter.i32((this.entries?.indexOf(to) ?? 0) + 1)
      this.emitter.set(this.next)
    }
    for (let i = this.labels.length - 1; i >= 0; i--) {
      const label = this.labels[i]
      if (label === undefined) break
      const found =
        to <= this.current
          ? label.kind === 'dispatch' || (label.kind === 'loop' && label.block === to)
          : label.kind === 'forward' && label.block === to
      if (found) return this.labels.length - 1 - i
    }
    throw new Error(`block ${to} cannot be reached from block ${this.current}`)
  }

  /** Builds nested regions from backward branches. Returns false if a branch enters a region after its first block. */
  private findLoops(backward: ReadonlyMap<number, number>): boolean {
    const regions = [...backward]
      .map(([first, last]): Region => ({ first, last, inner: [] }))
      .sort((a, b) => a.first - b.first)
    const stack: Region[] = [this.root]
    for (const region of regions) {
      let outer = stack.at(-1) ?? this.root
      while (outer !== this.root && region.first > outer.last) {
        stack.pop()
        outer = stack.at(-1) ?? this.root
      }
      // Extend overlapping loops so that they nest: the outer one ends later than necessary.
      for (const enclosing of stack) enclosing.last = Math.max(enclosing.last, region.last)
      outer.inner.push(region)
      stack.push(region)
    }
    return this.targets.every((all, from) =>
      all.every((to) =>
        regions.every(({ first, last }) => !(to > first && to <= last && (from < first || from > last))),
      ),
    )
  }

  private region(region: Region, write: (block: number) => void): void {
    const loop = region !== this.root
    const direct: number[] = []
    let inner = 0
    for (let block = region.first; block <= region.last; block++) {
      const nested = region.inner[inner]
      if (nested?.first === block) {
        if (this.jumpedTo.has(block) && block !== region.first) direct.push(block)
        block = nested.last
        inner++
      } else if (this.jumpedTo.has(block) && !(loop && block === region.first)) direct.push(block)
    }
    if (loop) {
      this.emitter.block(op.loop)
      this.labels.push({ kind: 'loop', block: region.first })
    }
    for (const block of direct.toReversed()) {
      this.emitter.block(op.block)
      this.labels.push({ kind: 'forward', block })
    }
    inner = 0
    for (let block = region.first; block <= region.last; block++) {
      this.closeForward(block)
      const nested = region.inner[inner]
      if (nested?.first === block) {
        inner++
        this.region(nested, write)
        block = nested.last
      } else {
        this.current = block
        write(block)
      }
    }
    if (loop) this.close()
  }

  private closeForward(block: number): void {
    const label = this.labels.at(-1)
    if (label?.kind === 'forward' && label.block === block) this.close()
  }

  private dispatch(entries: readonly number[], write: (block: number) => void): void {
    const count = this.targets.length
    const ends = new Set([...this.jumpedTo, ...entries, 0])
    this.emitter.block(op.loop)
    this.labels.push({ kind: 'dispatch' })
    for (let block = count - 1; block >= 0; block--) {
      if (!ends.has(block)) continue
      this.emitter.block(op.block)
      this.labels.push({ kind: 'forward', block })
    }
    this.emitter.get(this.next)
    const depthOf = (block: number): number =>
      this.labels.length -
      1 -
      this.labels.findIndex((label) => label.kind === 'forward' && label.block === block)
    this.emitter.branchTable([depthOf(0), ...entries.map(depthOf)], depthOf(0))
    for (let block = 0; block < count; block++) {
      this.closeForward(block)
      this.current = block
      write(block)
    }
    this.close()
  }
}
