// SPDX-License-Identifier: GPL-2.0-only
export { loadScenario, parseScenario, ScenarioError, shippedScenarios, type ScenarioSet } from './load.ts'
export { scenarioJsonSchema } from './schema.ts'
