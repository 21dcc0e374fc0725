// SPDX-License-Identifier: GPL-2.0-only
export { loadScenario, parseScenario, ScenarioError } from './load.ts'
export { scenarioJsonSchema } from './schema.ts'
export { shippedScenarios, type ScenarioSet } from './shipped.ts'
