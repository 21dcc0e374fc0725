// SPDX-License-Identifier: GPL-2.0-only
import type { FindingOf } from '@pfo-workbench/oracle'

/** Changes of the tree that the reconfig chain should report, in words. */
export const treeChanges: Readonly<Record<FindingOf<'not-notified'>['data']['change'], string>> = {
  attach: 'the node was attached',
  detach: 'the node was detached',
  'add-property': 'the property was added',
  'remove-property': 'the property was removed',
  'update-property': 'the property was changed',
}

/** Describes how the owner of a callback went away. */
export const departureTexts: Readonly<Record<FindingOf<'notifier-called'>['data']['left'], string>> = {
  'probe-failed': 'whose probe failed',
  unbound: 'which is unbound',
  unloaded: 'which is unloaded',
  'load-failed': 'which could not be loaded',
}
