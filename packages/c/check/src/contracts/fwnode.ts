// SPDX-License-Identifier: GPL-2.0-only
import type { ContractFileInput, FunctionContract } from './schema.ts'

const fwnode = 'fwnode'
const next: FunctionContract = { class: fwnode, returns: 'reference', drops: [1], cursor: 1 }
const linkEnds = [
  { argument: 0, field: 'v4l2_fwnode_link.local_node' },
  { argument: 0, field: 'v4l2_fwnode_link.remote_node' },
]
const linkEndsOfSecond = linkEnds.map((end) => ({ ...end, argument: 1 }))

/**
 * References to firmware nodes: drivers/base/property.c. A `fwnode_handle` embedded in a `device_node` shares the
 * reference count of that node, so this class counts the same references as `of_node`.
 */
export const fwnodeContracts: ContractFileInput = {
  schemaVersion: 1,
  classes: {
    fwnode: { title: 'firmware node', drop: 'fwnode_handle_put', sameAs: 'of_node', default: true },
  },
  functions: {
    fwnode_handle_get: { class: fwnode, takes: [0], returns: { argument: 0 } },
    fwnode_handle_put: { class: fwnode, drops: [0] },
    fwnode_get_next_child_node: next,
    fwnode_get_next_available_child_node: next,
    device_get_next_child_node: next,
    fwnode_graph_get_next_endpoint: next,
    fwnode_get_next_parent: { class: fwnode, returns: 'reference', drops: [0], cursor: 0 },
    fwnode_get_parent: { class: fwnode, returns: 'reference' },
    fwnode_get_named_child_node: { class: fwnode, returns: 'reference' },
    device_get_named_child_node: { class: fwnode, returns: 'reference' },
    fwnode_find_reference: { class: fwnode, returns: 'reference', failure: 'error' },
    fwnode_graph_get_port_parent: { class: fwnode, returns: 'reference' },
    fwnode_graph_get_remote_port_parent: { class: fwnode, returns: 'reference' },
    fwnode_graph_get_remote_port: { class: fwnode, returns: 'reference' },
    fwnode_graph_get_remote_endpoint: { class: fwnode, returns: 'reference' },
    fwnode_graph_get_endpoint_by_id: { class: fwnode, returns: 'reference' },
    fwnode_property_get_reference_args: {
      class: fwnode,
      returns: 'errno',
      onSuccess: { fills: [{ argument: 5, offset: 0 }] },
    },
    fwnode_get_nth_parent: { class: fwnode, returns: 'reference' },
    fwnode_get_phy_node: { class: fwnode, returns: 'reference', failure: 'error' },
    // drivers/media/v4l2-core/v4l2-fwnode.c: the link holds both ends until v4l2_fwnode_put_link().
    v4l2_fwnode_parse_link: { class: fwnode, returns: 'errno', onSuccess: { fills: linkEndsOfSecond } },
    v4l2_fwnode_put_link: { class: fwnode, empties: linkEnds },
    fwnode_property_read_u32_array: { returns: 'errno' },
    fwnode_property_read_string: { returns: 'errno' },
    fwnode_property_present: {},
    fwnode_property_match_string: {},
    fwnode_device_is_available: {},
    // drivers/base/core.c: the device keeps the reference, and the release function of the device drops it.
    device_set_node: { class: fwnode, handsOver: [1] },
  },
}
