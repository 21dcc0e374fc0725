// SPDX-License-Identifier: GPL-2.0-only
import type { RunEventType } from '@pfo-workbench/run'
import type { ChainChoice } from './boot.ts'

/** Level of lines that tell of errors (include/linux/kern_levels.h). */
const LOGLEVEL_ERR = 3

/** Types of events that are frequent and whose call chain is hardly ever read: the event says enough. */
const selfExplaining: ReadonlySet<RunEventType> = new Set([
  'alloc.failed',
  'device.register',
  'driver.bind',
  'module.load',
  'module.unload',
  'node.attach',
  'notifier.call',
  'ref.release',
  'service.register',
  'service.unregister',
  'uevent',
])

/**
 * Whether somebody is likely to read the call chain of an event. Of the lines of the console only complaints are looked into,
 * and of the calls of firmware only those that it refused.
 */
export const isLikelyRead: ChainChoice = (type, fields) => {
  if (type === 'printk')
    return Number(fields['level']) <= LOGLEVEL_ERR || String(fields['text']).startsWith('WARNING: ')
  if (type === 'rtas.call') return Number(fields['status']) < 0
  return !selfExplaining.has(type)
}
