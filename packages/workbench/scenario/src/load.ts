// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { scenarioSchema } from './schema.ts'
import type { Scenario } from './scenario.ts'
import { parseYaml } from './yaml.ts'

/** A scenario file cannot be used; the message names file, line and field. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError'
}

/**
 * Reads a scenario.
 *
 * @param text - YAML
 * @param file - where it came from, for messages and for the place of a device tree blob
 * @throws ScenarioError naming file, line, field, what is wrong and what is accepted
 */
export function parseScenario(text: string, file: string): Scenario {
  const scenario = parseYaml(text, file, scenarioSchema, (message) => new ScenarioError(message))
  const { machine } = scenario
  const { devicetree } = machine
  if (devicetree === null) return scenario
  return { ...scenario, machine: { ...machine, devicetree: resolve(dirname(file), devicetree) } }
}

/**
 * Reads a scenario file.
 *
 * @throws ScenarioError also when the file cannot be read
 */
export function loadScenario(file: string): Scenario {
  return parseScenario(read(file, 'scenario').toString('utf8'), file)
}

/**
 * Reads the device tree blob that a scenario's machine boots from.
 *
 * @returns null for the default partition
 * @throws ScenarioError when the file cannot be read
 */
export function loadDevicetree({ id, machine: { devicetree } }: Scenario): Uint8Array | null {
  return devicetree === null ? null : read(devicetree, `device tree of scenario ${id}`)
}

function read(file: string, what: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ScenarioError(`${file}: the ${what} cannot be read: ${reason}`, { cause })
  }
}

/** The folder of the scenarios that come with the workbench. */
const shipped = fileURLToPath(new URL('../scenarios/', import.meta.url))

/** The scenarios that come with the workbench, in the order of their file names. */
export function shippedScenarios(): Scenario[] {
  return readdirSync(shipped)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => loadScenario(join(shipped, name)))
}

/** The module that plays scenarios on the models; bundled with each variant of them. */
export const engineModule: string = fileURLToPath(new URL('../src/engine.ts', import.meta.url))
