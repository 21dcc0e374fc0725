// SPDX-License-Identifier: GPL-2.0-only
import type { LifeEvent } from '@pfo-workbench/compare'

/** Describes an event from the point of view of its object. */
export function lifeText({ event, holder }: LifeEvent): string {
  switch (event.type) {
    case 'alloc':
      return 'allocated'
    case 'free':
      return 'freed'
    case 'ref.get':
      return `reference taken for ${holder ?? '?'}`
    case 'ref.put':
      return `reference dropped for ${holder ?? '?'}`
    case 'ref.release':
      return 'released: the last reference is gone'
    case 'ref.fault':
      return `refcount warning: ${event.fault}`
    case 'node.attach':
      return 'attached to the tree'
    case 'node.detach':
      return event.again ? 'detached again' : 'detached from the tree'
    case 'use-after-free':
      return `${event.access} of ${event.field} after the free`
    case 'double-free':
      return 'freed again'
    case 'driver.bind':
    case 'driver.unbind':
      return `${event.type === 'driver.bind' ? 'bound to' : 'unbound from'} driver ${event.driver}`
    case 'uevent':
      return `uevent ${event.action}`
    default:
      return event.type.replace('.', ' ')
  }
}
