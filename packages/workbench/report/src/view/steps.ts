// SPDX-License-Identifier: GPL-2.0-only
import type { PlayedStep, Step, StepResult } from '@pfo-workbench/run'
import { enumerated } from '@pfo-workbench/wording'
import { printable } from '../printable.ts'
import { chainText } from './chain.ts'
import { errnoName } from './errno.ts'

/** Describes a step in one line. */
export function stepTitle(step: Step | null): string {
  if (step === null) return 'boot'
  if ('load' in step) return `load ${step.load.join(', ')}`
  if ('unload' in step) return `unload ${step.unload.join(', ')}`
  if ('migrate' in step) {
    const how = step.migrate.readd === 'hierarchy' ? 'one ADD for the hierarchy' : 'one ADD per node'
    const failing = Object.keys(step.migrate.statuses ?? {})
    return `migrate (${[how, ...failing.map((service) => `${service} fails`)].join('; ')})`
  }
  if ('update' in step) return `update ${step.update.node} ${step.update.property} (${step.update.by})`
  if ('lookup' in step) return `look up ${step.lookup.map(targetText).join(', ')}`
  if ('ofdt' in step)
    return `ofdt ${step.ofdt.map((command) => command.split(' ').slice(0, 2).join(' ')).join(', ')}`
  if ('fail' in step)
    return `make allocation ${String(step.fail.allocation)}${step.fail.in === null ? '' : ` in ${step.fail.in}`} of the next step fail`
  if ('firmware' in step) {
    const failing = Object.keys(step.firmware.statuses)
    return `make later calls of ${enumerated(failing)} fail`
  }
  if ('read' in step) return `read ${step.read.join(', ')}`
  return `write ${step.write.path}`
}

/** A path unchanged, a phandle in hexadecimal. */
function targetText(target: string | number): string {
  return typeof target === 'string' ? target : `0x${target.toString(16)}`
}

/** Number of functions shown of the call chain of a failed allocation. */
const shownOfFailure = 4

/** Describes the result of a step in one line. */
export function stepResult({ result, failure }: Pick<PlayedStep, 'result' | 'failure'>): string {
  const text = resultText(result)
  if (failure === null) return text
  const failed =
    failure.chain === null
      ? 'no allocation failed'
      : `failed: ${chainText(failure.chain.slice(0, shownOfFailure))}`
  return `${text}; ${failed}`
}

const didNotReturn = 'did not return'

function errnoText(errno: number | null): string {
  if (errno === null) return didNotReturn
  return errno < 0 ? errnoName(errno) : 'ok'
}

function resultText(result: StepResult): string {
  switch (result.kind) {
    case 'boot':
      return result.outcome
    case 'load':
    case 'unload':
      return result.modules.map(({ module, errno }) => `${module}: ${errnoText(errno)}`).join(', ')
    case 'migrate':
    case 'update':
    case 'write':
      return errnoText(result.errno)
    case 'lookup':
      return result.lookups
        .map(({ target, found }) => `${targetText(target)}: ${foundText(found)}`)
        .join(', ')
    case 'ofdt':
      return result.writes.map(({ command, errno }) => `${command}: ${errnoText(errno)}`).join(', ')
    case 'fail':
    case 'firmware':
      return 'ok'
    case 'read':
      return result.files
        .map(
          ({ path, content, errno }) => `${path}: ${content === null ? errnoText(errno) : quoted(content)}`,
        )
        .join(', ')
  }
}

function foundText(found: boolean | null): string {
  if (found === null) return didNotReturn
  return found ? 'found' : 'not found'
}

/** Shows all of a file's content, with control characters escaped. */
const quoted = (content: string): string => printable(JSON.stringify(content))
