// SPDX-License-Identifier: GPL-2.0-only
import { ByteWriter, paddedLength, paddedLength64 } from './bytes.ts'
import { op, typeCode } from './opcodes.ts'
import type { HelperName, RuntimeName } from '../memory-model.ts'
import { relocationKinds, type RelocationKind } from '../relocation.ts'
import type { Signature, WasmType } from '../signature.ts'

/** Maps names to their numbers in relocations. All functions of an object share one table. */
export interface NameTable {
  symbol(name: string): number
  signature(signature: Signature): number
  runtime(name: RuntimeName | HelperName): number
}

/** A position in the code of an {@link Emitter}. */
export interface EmitterState {
  readonly length: number
  readonly relocations: number
  readonly lines: number
}

/**
 * Indices of the WebAssembly globals of every image. `siteTop` is the end of the innermost frame's site; see {@link
 * Emitter.enterFrame}.
 */
export const globals = { sp: 0, stackLow: 1, r13: 2, siteTop: 3 } as const

/** Helpers that never call the machine, so their call site is not needed. */
const silent: ReadonlySet<string> = new Set([
  'present',
  'guard',
  'unguard',
  'swap32',
  'swap64',
  'multiplyHigh',
] satisfies HelperName[])

/** Builds the code of a function: instructions, locals, relocations and lines. */
export class Emitter {
  private readonly code = new ByteWriter()
  private readonly locals: WasmType[] = []
  private readonly free: Record<WasmType, number[]> = { i32: [], i64: [] }
  private readonly names: NameTable
  private readonly parameterCount: number
  /** Flat groups of four: offset, kind, index, addend. */
  readonly relocations: number[] = []
  /** Flat groups of three: line, file, allocation. */
  readonly lines: number[] = []
  /** Code length at which the last entry of `lines` starts. */
  private lineStart = -1
  /** Local with the address of the function's site; null before `enterFrame`. */
  private frame: number | null = null
  /** The site that is stored at `frame`, if known: 0 for the start, n + 1 for entry n of `lines`. */
  private written: number | null = null

  constructor(names: NameTable, parameterCount: number) {
    this.names = names
    this.parameterCount = parameterCount
  }

  get length(): number {
    return this.code.length
  }

  /** Number of locals, not counting parameters. */
  get localCount(): number {
    return this.locals.length
  }

  /** Allocates a local, initially 0. */
  local(type: WasmType): number {
    this.locals.push(type)
    return this.parameterCount + this.locals.length - 1
  }

  /** Borrows a local for a short time. Its initial value is undefined. */
  borrow(type: WasmType): number {
    return this.free[type].pop() ?? this.local(type)
  }

  giveBack(type: WasmType, local: number): void {
    this.free[type].push(local)
  }

  op(...opcodes: readonly number[]): void {
    for (const opcode of opcodes) {
      this.code.byte(opcode)
      if (opcode === op.end || opcode === op.else) this.written = null
    }
  }

  i32(value: number): void {
    this.code.byte(op.i32Const)
    this.code.signed(value)
  }

  i64(value: bigint): void {
    this.code.byte(op.i64Const)
    this.code.signed64(value)
  }

  get(local: number): void {
    this.code.byte(op.localGet)
    this.code.unsigned(local)
  }

  set(local: number): void {
    this.code.byte(op.localSet)
    this.code.unsigned(local)
  }

  tee(local: number): void {
    this.code.byte(op.localTee)
    this.code.unsigned(local)
  }

  getGlobal(index: number): void {
    this.op(op.globalGet, index)
  }

  setGlobal(index: number): void {
    this.op(op.globalSet, index)
  }

  /** Emits a load or store with the minimum alignment. */
  memory(opcode: number, offset: number): void {
    this.op(opcode, 0)
    this.code.unsigned(offset)
  }

  block(opcode: number, result: WasmType | null = null): void {
    this.written = null
    this.op(opcode, result === null ? typeCode.empty : typeCode[result])
  }

  branch(opcode: number, depth: number): void {
    this.op(opcode)
    this.code.unsigned(depth)
  }

  branchTable(depths: readonly number[], fallback: number): void {
    this.op(op.brTable)
    this.code.unsigned(depths.length)
    for (const depth of depths) this.code.unsigned(depth)
    this.code.unsigned(fallback)
  }

  /** Calls a C function by name, with the signature that the caller assumes. */
  call(symbol: string, signature: Signature): void {
    this.writeSite()
    this.op(op.call)
    this.relocate('call', this.names.symbol(symbol), this.names.signature(signature), paddedLength)
  }

  /** Calls a function that the image or the machine provides. */
  callRuntime(name: RuntimeName | HelperName): void {
    if (!silent.has(name)) this.writeSite()
    this.op(op.call)
    this.relocate('runtime', this.names.runtime(name), 0, paddedLength)
  }

  /** Calls through the table index on the stack. */
  callIndirect(signature: Signature): void {
    this.writeSite()
    this.op(op.callIndirect)
    this.relocate('type', this.names.signature(signature), 0, paddedLength)
    this.op(0)
  }

  /** Pushes the address of a symbol as C sees it. */
  address(symbol: string, addend: number): void {
    this.op(op.i64Const)
    this.relocate('address', this.names.symbol(symbol), addend, paddedLength64)
  }

  /** Pushes a 32-bit number that the linker fills in. */
  linkedNumber(kind: 'untranslated' | 'coveragePoint' | 'stackVariable' | 'watch', index: number): void {
    this.op(op.i32Const)
    this.relocate(kind, index, 0, paddedLength)
  }

  /** Sets the source line of the code that follows. */
  mark(line: number, file: number, allocation: number): void {
    const { lines } = this
    const last = lines.length - 3
    if (last >= 0 && lines[last] === line && lines[last + 1] === file && lines[last + 2] === allocation)
      return
    if (last >= 0 && this.lineStart === this.length) lines.length = last
    this.lineStart = this.length
    lines.push(line, file, allocation)
  }

  /**
   * Allocates a site for the function. Sites form a stack of numbers outside of C's memory: one for each function that
   * has not returned yet, with its current position. Reading them is cheap and does not need V8's own stack.
   */
  enterFrame(): void {
    const frame = this.local('i32')
    this.frame = frame
    this.getGlobal(globals.siteTop)
    this.tee(frame)
    this.i32(4)
    this.op(op.i32Add)
    this.setGlobal(globals.siteTop)
    this.store(frame, 0)
  }

  /** Frees the site. Emitted before the function returns. */
  leaveFrame(): void {
    if (this.frame === null) return
    this.get(this.frame)
    this.setGlobal(globals.siteTop)
  }

  /**
   * Stores the current site before code that may report its position to the machine. Skipped if the value is already
   * stored.
   */
  private writeSite(): void {
    const site = this.lines.length / 3
    if (this.frame !== null && this.written !== site) this.store(this.frame, site)
  }

  private store(frame: number, site: number): void {
    this.get(frame)
    this.op(op.i32Const)
    this.relocate('site', site, 0, paddedLength)
    this.memory(op.i32Store, 0)
    this.written = site
  }

  /** Returns the current position, for {@link restore}. */
  snapshot(): EmitterState {
    return { length: this.length, relocations: this.relocations.length, lines: this.lines.length }
  }

  /** Drops everything after a snapshot, except locals. */
  restore(state: EmitterState): void {
    this.code.truncate(state.length)
    this.relocations.length = state.relocations
    this.lines.length = state.lines
    this.lineStart = -1
    this.written = null
  }

  /** Returns the body with its locals, and adjusts the offsets of relocations. */
  finish(): Uint8Array {
    this.op(op.end)
    const head = new ByteWriter()
    const runs: [count: number, type: WasmType][] = []
    for (const type of this.locals) {
      const run = runs.at(-1)
      if (run?.[1] === type) run[0]++
      else runs.push([1, type])
    }
    head.unsigned(runs.length)
    for (const [count, type] of runs) {
      head.unsigned(count)
      head.byte(typeCode[type])
    }
    for (let i = 0; i < this.relocations.length; i += 4)
      this.relocations[i] = (this.relocations[i] ?? 0) + head.length
    head.bytes(this.code.finish())
    return head.finish()
  }

  private relocate(kind: RelocationKind, index: number, addend: number, length: number): void {
    this.relocations.push(this.length, relocationKinds.indexOf(kind), index, addend)
    for (let i = 0; i < length; i++) this.code.byte(0)
  }
}
