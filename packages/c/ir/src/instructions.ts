// SPDX-License-Identifier: GPL-2.0-only
import type { ParameterAttributes } from './attributes.ts'
import type { FunctionType, Type } from './types.ts'
import type { BinaryOperation, CastOperation, Constant, Predicate, Value } from './values.ts'

/** Properties that all instructions share. */
export interface InstructionBase {
  /** Name of the result without `%`; null if there is none. */
  readonly result: string | null
  /** Type of the result; void if there is none. */
  readonly type: Type
  /** Node number of the `DILocation`, or null. `DebugInfo.location` resolves it. */
  readonly location: number | null
}

/** Integer arithmetic. LLVM leaves division by zero and shifts by the width or more undefined. */
export interface BinaryInstruction extends InstructionBase {
  readonly opcode: 'binary'
  readonly operation: BinaryOperation
  readonly left: Value
  readonly right: Value
  /** `nuw`, `nsw`, `exact`, `disjoint`. */
  readonly flags: readonly string[]
}

export interface CastInstruction extends InstructionBase {
  readonly opcode: 'cast'
  readonly operation: CastOperation
  readonly value: Value
}

export interface CompareInstruction extends InstructionBase {
  readonly opcode: 'icmp'
  readonly predicate: Predicate
  readonly left: Value
  readonly right: Value
}

export interface SelectInstruction extends InstructionBase {
  readonly opcode: 'select'
  readonly condition: Value
  readonly left: Value
  readonly right: Value
}

export interface FreezeInstruction extends InstructionBase {
  readonly opcode: 'freeze'
  readonly value: Value
}

/** Allocates a stack variable. The result is its address. */
export interface AllocaInstruction extends InstructionBase {
  readonly opcode: 'alloca'
  readonly allocated: Type
  /** Number of elements; null means one. */
  readonly count: Value | null
  /** In bytes; 0 if the IR states none. */
  readonly alignment: number
}

export interface LoadInstruction extends InstructionBase {
  readonly opcode: 'load'
  readonly address: Value
  readonly alignment: number
  readonly volatile: boolean
  /** `monotonic`, `acquire`, ...; null for a plain load. */
  readonly ordering: string | null
}

export interface StoreInstruction extends InstructionBase {
  readonly opcode: 'store'
  readonly value: Value
  readonly address: Value
  readonly alignment: number
  readonly volatile: boolean
  readonly ordering: string | null
}

/**
 * Address arithmetic. The first index counts objects of `sourceType`, the others select an element inside of the
 * object.
 */
export interface GetElementPtrInstruction extends InstructionBase {
  readonly opcode: 'getelementptr'
  readonly sourceType: Type
  readonly base: Value
  readonly indices: readonly Value[]
  readonly inbounds: boolean
}

export interface ExtractValueInstruction extends InstructionBase {
  readonly opcode: 'extractvalue'
  readonly aggregate: Value
  readonly path: readonly number[]
}

export interface InsertValueInstruction extends InstructionBase {
  readonly opcode: 'insertvalue'
  readonly aggregate: Value
  readonly element: Value
  readonly path: readonly number[]
}

export interface PhiInstruction extends InstructionBase {
  readonly opcode: 'phi'
  readonly incoming: readonly { readonly value: Value; readonly block: string }[]
}

/** Properties that `call` and `callbr` share. */
export interface CallBase extends InstructionBase {
  readonly callee: Value
  /**
   * Type of the callee as written in the call. If the call writes only a result type, the parameters are the argument
   * types.
   */
  readonly functionType: FunctionType
  readonly arguments: readonly Value[]
  /** Parallel to `arguments`. */
  readonly argumentAttributes: readonly ParameterAttributes[]
  readonly resultAttributes: ParameterAttributes
  /** Attributes of the call itself, such as `noreturn`. */
  readonly attributes: ReadonlyMap<string, string | null>
}

export interface CallInstruction extends CallBase {
  readonly opcode: 'call'
}

/** `asm goto`: continues at `fallthrough` or at one of `indirect`. */
export interface CallBranchInstruction extends CallBase {
  readonly opcode: 'callbr'
  readonly fallthrough: string
  readonly indirect: readonly string[]
}

export interface VaArgInstruction extends InstructionBase {
  readonly opcode: 'va_arg'
  readonly list: Value
}

export interface AtomicUpdateInstruction extends InstructionBase {
  readonly opcode: 'atomicrmw'
  /** `add`, `xchg`, `and`, ... */
  readonly operation: string
  readonly address: Value
  readonly value: Value
}

/** The result is a structure: the old value, and an `i1` that is set if the exchange took place. */
export interface CompareExchangeInstruction extends InstructionBase {
  readonly opcode: 'cmpxchg'
  /** True if the exchange may fail although the old value is the expected one. */
  readonly weak: boolean
  readonly address: Value
  readonly expected: Value
  readonly replacement: Value
}

export interface FenceInstruction extends InstructionBase {
  readonly opcode: 'fence'
}

export interface BranchInstruction extends InstructionBase {
  readonly opcode: 'br'
  readonly target: string
}

export interface ConditionalBranchInstruction extends InstructionBase {
  readonly opcode: 'condbr'
  readonly condition: Value
  readonly whenTrue: string
  readonly whenFalse: string
}

export interface SwitchInstruction extends InstructionBase {
  readonly opcode: 'switch'
  readonly value: Value
  readonly fallback: string
  readonly cases: readonly { readonly value: Constant; readonly target: string }[]
}

/** A computed goto. If the block has no predecessors and targets, it is left over from `&&label` and never runs. */
export interface IndirectBranchInstruction extends InstructionBase {
  readonly opcode: 'indirectbr'
  readonly address: Value
  readonly targets: readonly string[]
}

export interface ReturnInstruction extends InstructionBase {
  readonly opcode: 'ret'
  readonly value: Value | null
}

export interface UnreachableInstruction extends InstructionBase {
  readonly opcode: 'unreachable'
}

/** An instruction that this parser does not know. Its type is void even if it has a result. */
export interface UnknownInstruction extends InstructionBase {
  readonly opcode: 'unknown'
  readonly text: string
  readonly reason: string
}

/** An instruction of a basic block, discriminated by `opcode`. */
export type Instruction =
  | BinaryInstruction
  | CastInstruction
  | CompareInstruction
  | SelectInstruction
  | FreezeInstruction
  | AllocaInstruction
  | LoadInstruction
  | StoreInstruction
  | GetElementPtrInstruction
  | ExtractValueInstruction
  | InsertValueInstruction
  | PhiInstruction
  | CallInstruction
  | CallBranchInstruction
  | VaArgInstruction
  | AtomicUpdateInstruction
  | CompareExchangeInstruction
  | FenceInstruction
  | BranchInstruction
  | ConditionalBranchInstruction
  | SwitchInstruction
  | IndirectBranchInstruction
  | ReturnInstruction
  | UnreachableInstruction
  | UnknownInstruction

/** Blocks in which execution may continue. Empty for `ret`, `unreachable` and instructions that do not end a block. */
export function successors(instruction: Instruction): readonly string[] {
  switch (instruction.opcode) {
    case 'br':
      return [instruction.target]
    case 'condbr':
      return [instruction.whenTrue, instruction.whenFalse]
    case 'switch':
      return [instruction.fallback, ...instruction.cases.map(({ target }) => target)]
    case 'indirectbr':
      return instruction.targets
    case 'callbr':
      return [instruction.fallthrough, ...instruction.indirect]
    default:
      return []
  }
}
