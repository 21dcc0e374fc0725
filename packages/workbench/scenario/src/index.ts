// SPDX-License-Identifier: GPL-2.0-only
export {
  engineModule,
  loadDevicetree,
  loadScenario,
  parseScenario,
  ScenarioError,
  shippedScenarios,
} from './load.ts'
export { readBeginning } from './read-beginning.ts'
export { parseRunRecord, RunRecordError } from './record.ts'
export { stepNames } from './schema.ts'
export {
  describeStep,
  type AllocationFailure,
  type FailingCalls,
  type PropertyUpdate,
  type ReaddBehaviour,
  type Scenario,
  type Step,
} from './scenario.ts'
export type { EngineJob } from './engine.ts'
export type {
  DeviceFiles,
  FirmwareChange,
  NodeState,
  RunEvent,
  RunRecord,
  Snapshot,
  StepRecord,
  VioDeviceState,
} from './run.ts'
export { suggestion } from './suggest.ts'
export { fields, parseYaml } from './yaml.ts'
