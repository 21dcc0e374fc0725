// SPDX-License-Identifier: GPL-2.0-only
export type { BuildDepth, BuildOptions, ChangedStatement, Engine, Stack, Variant } from './engine.ts'
export { functionsOf, ledTo, passesThrough } from './chain.ts'
export type { EventOf, RunEvent, RunEventType } from './event.ts'
export { deviceEventTypes, eventsOf, objectOf, referenceEventTypes } from './events-of.ts'
export {
  callersOf,
  functionsWithOwner,
  hasRole,
  holderOf,
  passesThroughRole,
  roleOf,
} from './function-roles.ts'
export { chainSchema, type CallChain, type Frame } from './frame.ts'
export type { Immutable } from './immutable.ts'
export type { FunctionRole, KernelFacts } from './kernel-facts.ts'
export { linuxFacts } from './linux-facts.ts'
export { parseUntrusted } from './parse-json.ts'
export {
  parseRunRecord,
  playedStepSchema,
  RunRecordError,
  unmodelledSchema,
  type FirmwareChange,
  type MemoryState,
  type PlayedStep,
  type RunRecord,
  type StepRecord,
} from './record.ts'
export { outcomeSchema, type Outcome, type StepResult } from './result.ts'
export {
  scenarioFileSchema,
  scenarioSets,
  stepNames,
  type AllocationFailure,
  type MachineConfig,
  type Migration,
  type PartitionSetup,
  type PropertyUpdate,
  type Scenario,
  type ScenarioFile,
  type Step,
} from './scenario.ts'
export type { DeviceFiles, PseudoFile, NodeState, Snapshot, VioDeviceState } from './snapshot.ts'
export type { KernelDevice, KernelNode, KernelState, BootedKernel } from './booted-kernel.ts'
