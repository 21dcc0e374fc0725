// SPDX-License-Identifier: GPL-2.0-only
import { dirname, resolve } from 'node:path'
import { InputError, messageOf } from '@pfo-workbench/errors'
import { parseYaml, readRegularFile } from '@pfo-workbench/input'
import { changeOf, partitionOf } from '@pfo-workbench/play'
import { fdtLimits, FdtError, PartitionError, type Partition } from '@pfo-workbench/powervm'
import { scenarioFileSchema, type Scenario } from '@pfo-workbench/run'

/** A scenario file cannot be used. The message names file, line and field. */
export class ScenarioError extends InputError {
  override readonly name = 'ScenarioError'
}

/**
 * Parses a scenario and reads its device tree blob, if it names one.
 *
 * @param text - YAML
 * @param file - path of the file, for messages and to resolve the path of the device tree blob
 * @throws ScenarioError naming file, line, field, fault and accepted input
 */
export function parseScenario(text: string, file: string): Scenario {
  const playable = scenarioFileSchema.superRefine((scenario, context) => {
    const { machine } = scenario
    if (machine.devicetree !== null) return
    const firmware = (): Partition => partitionOf({ ...machine, devicetree: null })
    for (const { path, message } of impossibleUpdates(scenario, firmware)) {
      context.addIssue({ code: 'custom', path, message })
    }
  })
  const scenario = parseYaml(text, file, playable, (message) => new ScenarioError(message))
  const { devicetree, ...machine } = scenario.machine
  if (devicetree === null) return { ...scenario, machine: { ...machine, devicetree } }
  const blob = read(
    resolve(dirname(file), devicetree),
    `device tree of scenario ${scenario.id}`,
    maxDevicetreeBytes,
  )
  const booted = { ...scenario, machine: { ...machine, devicetree: [...blob] } }
  checkDevicetree(booted, resolve(dirname(file), devicetree))
  return booted
}

/**
 * Reads a scenario file.
 *
 * @throws ScenarioError also when the file cannot be read
 */
export function loadScenario(file: string): Scenario {
  return parseScenario(read(file, 'scenario', maxScenarioBytes).toString('utf8'), file)
}

/** Updates that firmware cannot make, for example of a node that its tree does not have. */
function impossibleUpdates(
  { steps }: Pick<Scenario, 'steps'>,
  firmware: () => Partition,
): { readonly path: (string | number)[]; readonly message: string }[] {
  let partition: Partition | null = null
  return steps.flatMap((step, index) => {
    if (!('update' in step)) return []
    try {
      partition ??= firmware()
      partition.updateProperties([changeOf(step.update)])
      return []
    } catch (fault) {
      if (fault instanceof PartitionError) {
        return [{ path: ['steps', index, 'update'], message: fault.message }]
      }
      throw fault
    }
  })
}

/**
 * Checks that a scenario can be played on its device tree blob.
 *
 * @throws ScenarioError if the blob is not a valid partition's device tree, or lacks a node that the scenario updates
 */
function checkDevicetree(scenario: Scenario, devicetree: string): void {
  const { id } = scenario
  try {
    const firmware = partitionOf(scenario.machine)
    const [fault] = impossibleUpdates(scenario, () => firmware)
    if (fault === undefined) return
    throw new ScenarioError(`${devicetree}: scenario ${id}, "${fault.path.join('.')}": ${fault.message}`)
  } catch (cause) {
    if (!(cause instanceof FdtError || cause instanceof PartitionError)) throw cause
    throw new ScenarioError(
      `${devicetree}: the device tree of scenario ${id} cannot be booted: ${cause.message}`,
      {
        cause,
      },
    )
  }
}

/** Size limits of files in bytes. The limit of a scenario file covers any text that `parseYaml` accepts. */
const maxScenarioBytes = 256 * 1024
const maxDevicetreeBytes = fdtLimits.bytes

function read(file: string, what: string, maxBytes: number): Buffer {
  let bytes: Buffer
  try {
    bytes = readRegularFile(file, maxBytes + 1)
  } catch (cause) {
    const reason = messageOf(cause)
    throw new ScenarioError(`${file}: the ${what} cannot be read: ${reason}`, { cause })
  }
  if (bytes.length <= maxBytes) return bytes
  throw new ScenarioError(`${file}: the ${what} is too long: at most ${String(maxBytes)} bytes are read`)
}
