// SPDX-License-Identifier: GPL-2.0-only
import type { StepRecord } from '@pfo-workbench/run'

/** A call made by a step, and its result. */
interface Result {
  readonly call: string
  readonly value: string
}

function errnoText(errno: number | null): string {
  if (errno === null) return 'did not return'
  return errno === 0 ? 'ok' : `errno ${String(-errno)}`
}

function callsOf({ step, result }: Pick<StepRecord, 'step' | 'result'>): Result[] {
  switch (result.kind) {
    case 'boot':
      return [{ call: 'boot', value: result.outcome }]
    case 'load':
    case 'unload':
      return result.modules.map(({ module, errno }) => ({
        call: `${result.kind} ${module}`,
        value: errnoText(errno),
      }))
    case 'lookup':
      return result.lookups.map(({ target, found }) => ({
        call: `lookup ${typeof target === 'number' ? `0x${target.toString(16)}` : target}`,
        value: found === null ? 'did not return' : found ? 'found' : 'not found',
      }))
    case 'ofdt':
      return result.writes.map(({ command, errno }) => ({
        call: `ofdt ${command.split(' ').slice(0, 2).join(' ')}`,
        value: errnoText(errno),
      }))
    case 'read':
      return result.files.map(({ path, content, errno }) => ({
        call: `read ${path}`,
        value: content ?? errnoText(errno),
      }))
    case 'fail':
      return []
    case 'write':
      return [
        {
          call: `write ${step !== null && 'write' in step ? step.write.path : ''}`,
          value: errnoText(result.errno),
        },
      ]
    default:
      return 'errno' in result ? [{ call: result.kind, value: errnoText(result.errno) }] : []
  }
}

/** The result of each call of a step. Repeated calls are numbered from the second one on. */
export function resultsOf(step: StepRecord['step'], result: StepRecord['result']): Result[] {
  const times = new Map<string, number>()
  return callsOf({ step, result }).map(({ call, value }) => {
    const time = (times.get(call) ?? 0) + 1
    times.set(call, time)
    return { call: time > 1 ? `${call} (${String(time)})` : call, value }
  })
}
