// SPDX-License-Identifier: GPL-2.0-only
// A file is exported whole unless some of its exports are internal to the package.
export {
  device_node,
  OF_DETACHED,
  OF_DYNAMIC,
  OF_POPULATED,
  OF_POPULATED_BUS,
  property,
} from '@pfo-workbench/kernel'
export * from './changeset.ts'
export * from './core.ts'
export * from './device.ts'
export * from './dynamic.ts'
export * from './find.ts'
export * from './inspect.ts'
export * from './kobj.ts'
export * from './match.ts'
export * from './node.ts'
export * from './numa.ts'
export * from './parse.ts'
export * from './phandle.ts'
export {
  __of_add_property,
  __of_find_property,
  __of_get_property,
  __of_remove_property,
  __of_update_property,
  of_add_property,
  of_find_property,
  of_get_property,
  of_remove_property,
  of_update_property,
} from './property.ts'
export * from './read.ts'
export * from './reconfig.ts'
export { ofState, type alias_prop, type OfState } from './state.ts'
export * from './walk.ts'
