// SPDX-License-Identifier: GPL-2.0-only
import { ByteWriter, paddedLength, paddedLength64 } from './bytes.ts'
import { op, typeCode } from './opcodes.ts'
import type { HelperName, RuntimeName, Signature, WasmType } from '../memory-model.ts'
import { relocationKinds, type RelocationKind } from '../relocation.ts'

/** Numbers that stand for names in relocations. One is shared by all functions of an object. */
export interface NameTable {
  symbol(name: string): number
  signature(signature: Signature): number
  runtime(name: RuntimeName | HelperName): number
}

/** A place in the code of an {@link Emitter}. */
export interface EmitterState {
  readonly length: number
  readonly relocations: number
  readonly lines: number
}

/** WebAssembly globals of every image, by index. `siteTop` is where the innermost frame's site ends: see {@link Emitter.enterFrame}. */
export const globals = { sp: 0, stackLow: 1, r13: 2, siteTop: 3 } as const

/** Helpers that never tell the machine of anything, so that nobody asks where they were called. */
const silent: ReadonlySet<string> = new Set([
  'present',
  'guard',
  'unguard',
  'swap32',
  'swap64',
  'multiplyHigh',
] satisfies HelperName[])

/** The code of a function while it is written: instructions, locals, relocations and lines. */
export class Emitter {
  private readonly code = new ByteWriter()
  private readonly locals: WasmType[] = []
  private readonly free: Record<WasmType, number[]> = { i32: [], i64: [] }
  private readonly names: NameTable
  private readonly parameterCount: number
  /** Flat quadruples: offset, kind, index, addend. */
  readonly relocations: number[] = []
  /** Flat triples: line, file, allocation. */
  readonly lines: number[] = []
  /** Length of the code where the last entry of `lines` began. */
  private lineStart = -1
  /** Local that holds the address of the function's site; null for a function without a frame of its own. */
  private frame: number | null = null
  /** The site that is written there, as far as this is known: 0 for the beginning, n + 1 for the entry n of `lines`. */
  private written: number | null = null

  constructor(names: NameTable, parameterCount: number) {
    this.names = names
    this.parameterCount = parameterCount
  }

  get length(): number {
    return this.code.length
  }

  /** How many locals there are, parameters left out. */
  get localCount(): number {
    return this.locals.length
  }

  /** A new local; its value is 0 at first. */
  local(type: WasmType): number {
    this.locals.push(type)
    return this.parameterCount + this.locals.length - 1
  }

  /** A local for a short time. Its value is anything at first. */
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

  /** A load or store; alignment is never promised. */
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

  /** A call of a function of C by name, with the type that the caller believes it has. */
  call(symbol: string, signature: Signature): void {
    this.writeSite()
    this.op(op.call)
    this.relocate('call', this.names.symbol(symbol), this.names.signature(signature), paddedLength)
  }

  /** A call of a function that the image or the machine supplies. */
  callRuntime(name: RuntimeName | HelperName): void {
    if (!silent.has(name)) this.writeSite()
    this.op(op.call)
    this.relocate('runtime', this.names.runtime(name), 0, paddedLength)
  }

  /** A call through the table's index on the stack. */
  callIndirect(signature: Signature): void {
    this.writeSite()
    this.op(op.callIndirect)
    this.relocate('type', this.names.signature(signature), 0, paddedLength)
    this.op(0)
  }

  /** The address of a symbol as C sees it. */
  address(symbol: string, addend: number): void {
    this.op(op.i64Const)
    this.relocate('address', this.names.symbol(symbol), addend, paddedLength64)
  }

  /** A number of 32 bits that the linker knows. */
  linkedNumber(kind: 'untranslated' | 'probe' | 'stackVariable' | 'watch', index: number): void {
    this.op(op.i32Const)
    this.relocate(kind, index, 0, paddedLength)
  }

  /** From here on the code belongs to a line. */
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
   * Gives the function a place among the sites, which tell where each function that has not returned is: a stack of numbers
   * beside C's memory. Reading it costs nothing to speak of, and V8's own stack is not needed.
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

  /** Gives the place back, before the function returns. */
  leaveFrame(): void {
    if (this.frame === null) return
    this.get(this.frame)
    this.setGlobal(globals.siteTop)
  }

  /** Before something that may tell the machine of a place: writes which one it is, unless that is known to stand there. */
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

  /** Where the code is now, for {@link restore}. */
  snapshot(): EmitterState {
    return { length: this.length, relocations: this.relocations.length, lines: this.lines.length }
  }

  /** Throws away what was written since. Locals stay. */
  restore(state: EmitterState): void {
    this.code.truncate(state.length)
    this.relocations.length = state.relocations
    this.lines.length = state.lines
    this.lineStart = -1
    this.written = null
  }

  /** The body with its locals; offsets of relocations are moved accordingly. */
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
