// SPDX-License-Identifier: GPL-2.0-only
import {
  ENOENT,
  ENOMEM,
  fileScope,
  kfree,
  kmemdup,
  kstrdup,
  kzalloc,
  pr_info,
  property,
  toBytes,
  type device_node,
  type Module,
} from '@pfo-workbench/kernel'
import {
  __of_node_dup,
  __of_remove_property,
  of_changeset,
  of_changeset_add_property,
  of_changeset_apply,
  of_changeset_attach_node,
  of_changeset_destroy,
  of_changeset_detach_node,
  of_changeset_init,
  of_changeset_remove_property,
  of_changeset_revert,
  of_changeset_update_property,
  of_find_node_by_path,
  of_find_property,
  of_node_put,
} from '@pfo-workbench/of'

const testState = fileScope(() => ({ chgset: new of_changeset() }))

const FACILITIES = '/ibm,platform-facilities'

/** Allocates a property with a string value; returns null if memory is short. */
function makeProperty(name: string, value: string): property | null {
  const prop = kzalloc(property)
  if (prop === null) return null
  const bytes = toBytes(value, true)
  prop.name = kstrdup(name)
  prop.value = kmemdup(bytes)
  prop.length = bytes.length
  if (prop.name !== null && prop.value !== null) return prop
  freeProperty(prop)
  return null
}

function freeProperty(prop: property): void {
  kfree(prop.name)
  kfree(prop.value)
  kfree(prop)
}

/** Nodes that the changeset uses. The caller owns all references. */
interface Parts {
  readonly parent: device_node
  readonly compression: device_node
  readonly random: device_node
}

/** Copies the compression node without its phandle, which must be unique. Returns null if memory is short. */
function test_of_changeset_copy({ parent, compression }: Parts): device_node | null {
  const copy = __of_node_dup(compression, 'test-copy')
  if (copy === null) return null
  copy.parent = parent
  const handle = of_find_property(copy, 'ibm,phandle')
  if (handle !== null) __of_remove_property(copy, handle)
  return copy
}

/**
 * Adds a copy of the compression node, adds, updates and removes a property, and detaches the random node. Returns 0 or
 * a negative errno.
 */
function test_of_changeset_fill(parts: Parts): number {
  const { compression, random } = parts
  const { chgset } = testState()
  const removed = of_find_property(compression, 'ibm,shared-interrupt-pool')
  const copy = test_of_changeset_copy(parts)
  const added = makeProperty('test-added', 'added')
  const status = makeProperty('status', 'disabled')
  const rc =
    copy === null || added === null || status === null || removed === null
      ? -ENOMEM
      : of_changeset_attach_node(chgset, copy) ||
        of_changeset_add_property(chgset, copy, added) ||
        of_changeset_update_property(chgset, compression, status) ||
        of_changeset_remove_property(chgset, compression, removed) ||
        of_changeset_detach_node(chgset, random)
  if (rc === 0) return 0
  of_changeset_destroy(chgset)
  of_node_put(copy)
  for (const prop of [added, status]) if (prop !== null) freeProperty(prop)
  return rc
}

/** Fills the changeset, adds the changes of `more`, and applies the changeset. Returns 0 or a negative errno. */
function test_of_changeset_apply(more: (parts: Parts) => number): number {
  const { chgset } = testState()
  of_changeset_init(chgset)
  const parent = of_find_node_by_path(FACILITIES)
  const compression = of_find_node_by_path(`${FACILITIES}/ibm,compression-v1`)
  const random = of_find_node_by_path(`${FACILITIES}/ibm,random-v1`)
  let rc = -ENOENT
  if (parent !== null && compression !== null && random !== null) {
    const parts = { parent, compression, random }
    rc = test_of_changeset_fill(parts) || more(parts) || of_changeset_apply(chgset)
  }
  of_node_put(random)
  of_node_put(compression)
  of_node_put(parent)
  return rc
}

function test_of_changeset_init(): number {
  const rc = test_of_changeset_apply(() => 0)
  pr_info('test_of_changeset: applied: %d\n', rc)
  return rc
}

function test_of_changeset_exit(): void {
  const { chgset } = testState()
  const rc = of_changeset_revert(chgset)
  pr_info('test_of_changeset: reverted: %d\n', rc)
  of_changeset_destroy(chgset)
}

function test_of_changeset_fail_init(): number {
  const again = makeProperty('status', 'again')
  if (again === null) return -ENOMEM
  const { chgset } = testState()
  const rc = test_of_changeset_apply(({ compression }) =>
    of_changeset_add_property(chgset, compression, again),
  )
  pr_info('test_of_changeset_fail: applied: %d\n', rc)
  of_changeset_destroy(chgset)
  freeProperty(again)
  return rc
}

/**
 * Not part of the kernel: stands for any driver that changes the tree with a changeset. The module applies the
 * changeset on load and reverts it on unload. References are balanced.
 */
export const testOfChangesetModule: Module = {
  name: 'test_of_changeset',
  init: test_of_changeset_init,
  exit: test_of_changeset_exit,
}

/**
 * Same as `testOfChangesetModule`, with a failing last change: it adds a property whose name is in use, so that all
 * changes are undone.
 */
export const testOfChangesetFailModule: Module = {
  name: 'test_of_changeset_fail',
  init: test_of_changeset_fail_init,
}
