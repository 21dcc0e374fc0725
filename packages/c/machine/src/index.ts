// SPDX-License-Identifier: GPL-2.0-only
export { redzone, type AllocationRequest } from './allocator.ts'
export { CheckedMemory } from './checked.ts'
export type { WasmFunction, WasmValue } from './code.ts'
export { isAtLeast, type KernelRelease, type MachineOptions } from './config.ts'
export { DeferredQueue, type Deferred, type RunningWork } from './deferred.ts'
export type { MachineEvent, MachineEvents, MachineEventType } from './events.ts'
export { badRange, oops, trapped, unmodelled } from './faults.ts'
export { Halt, type HaltReason } from './halt.ts'
export {
  assumed,
  modelled,
  modelledWithAll,
  type HostFunction,
  type HostFunctions,
  type HostResult,
  type ParameterKind,
} from './host-function.ts'
export type { PlainData } from './host-state.ts'
export type { JournalOptions } from './journal.ts'
export { scanMemory, type MemoryScan } from './kmemleak.ts'
export * from './locks.ts'
export { createMachine, type MachineComponents } from './create.ts'
export type { FailureChoice, Machine, Outcome, WatchedArguments } from './machine.ts'
export { addressOf, Memory, pointerTo, type Endian } from './memory.ts'
export type { ObjectRecord } from './objects.ts'
export type { WebAssemblyApi } from './realm.ts'
export { checkScheduling, logLevel, printCutHere, printDoubleFree, printStack } from './reports.ts'
export { restoreMachine, saveMachine, type SavedMachine } from './saved.ts'
export { chainAt, type ChainFrame, type CallSites } from './stack.ts'
export { functionIndex, Symbols } from './symbols.ts'
export { labelOf, type HeldLock, type Task } from './task.ts'
export { LayoutError, Layouts, View } from './views.ts'
export { watch, Watches, type Watch } from './watch.ts'
