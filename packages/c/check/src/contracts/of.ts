// SPDX-License-Identifier: GPL-2.0-only
import type { ContractFileInput, FunctionContract } from './schema.ts'

const node = 'of_node'

function each(names: string, contract: FunctionContract): Record<string, FunctionContract> {
  return Object.fromEntries(names.split(/\s+/).map((name) => [name, contract]))
}

/**
 * References to device-tree nodes: drivers/of, include/linux/of*.h and helpers of architectures, 4.18 to 6.12. The
 * facts come from the comments and bodies in drivers/of/base.c, dynamic.c, property.c, irq.c and platform.c.
 */
export const ofContracts: ContractFileInput = {
  schemaVersion: 1,
  classes: { of_node: { title: 'node', drop: 'of_node_put', default: true } },
  functions: {
    of_node_get: { class: node, takes: [0], returns: { argument: 0 } },
    of_node_put: { class: node, drops: [0] },

    // Finders that continue from a node and drop it.
    ...each(
      `of_find_node_by_name of_find_node_by_type of_find_compatible_node of_find_node_with_property
       of_find_matching_node_and_match of_find_matching_node of_find_all_nodes __of_find_node_by_full_path
       of_get_next_cpu_node of_get_next_parent`,
      { class: node, returns: 'reference', drops: [0], cursor: 0 },
    ),
    ...each(
      `of_get_next_child of_get_next_available_child of_get_next_reserved_child of_get_next_child_with_prefix
       of_graph_get_next_endpoint of_graph_get_next_port of_graph_get_next_port_endpoint`,
      { class: node, returns: 'reference', drops: [1], cursor: 1 },
    ),

    // Finders that leave the references of their arguments unchanged.
    ...each(
      `of_find_node_opts_by_path of_find_node_by_path of_find_node_by_phandle of_get_parent of_get_child_by_name
       of_get_available_child_by_name of_get_compatible_child of_find_next_cache_node of_find_last_cache_node
       of_get_cpu_node of_cpu_device_node_get of_irq_find_parent of_parse_phandle of_get_cpu_state_node
       of_graph_get_port_by_id of_graph_get_endpoint_by_regs of_graph_get_remote_endpoint
       of_graph_get_remote_port_parent of_graph_get_port_parent of_graph_get_remote_port
       of_graph_get_remote_node of_pci_find_child_device of_get_i2c_adapter_node of_changeset_create_node
       dev_pm_opp_of_get_opp_desc_node dev_pm_opp_get_of_node of_nvmem_layout_get_container
       usb_of_get_device_node usb_of_get_interface_node`,
      { class: node, returns: 'reference' },
    ),

    // On return of 0, the structure holds a reference to the node that the phandle names.
    __of_parse_phandle_with_args: {
      class: node,
      returns: 'errno',
      onSuccess: { fills: [{ argument: 5, offset: 0 }] },
    },
    ...each(
      'of_parse_phandle_with_args of_parse_phandle_with_args_map of_parse_phandle_with_fixed_args of_parse_phandle_with_optional_args',
      { class: node, returns: 'errno', onSuccess: { fills: [{ argument: 4, offset: 0 }] } },
    ),

    // drivers/of/irq.c: on success, the structure holds a reference to the interrupt controller. of_irq_parse_raw()
    // does not drop the node that its caller passes.
    of_irq_parse_one: { class: node, returns: 'errno', onSuccess: { fills: [{ argument: 2 }] } },
    of_irq_parse_raw: { class: node, returns: 'errno', onSuccess: { fills: [{ argument: 1 }] } },

    // sound/soc/soc-core.c: fills the two pointers that its arguments point to.
    snd_soc_daifmt_parse_clock_provider_raw: { class: node, fills: [{ argument: 2 }, { argument: 3 }] },

    // The iterator holds one node at a time, and none at its end.
    of_phandle_iterator_next: {
      class: node,
      returns: 'errno',
      failure: 'null',
      empties: [{ argument: 0, field: 'of_phandle_iterator.node' }],
      onSuccess: { fills: [{ argument: 0, field: 'of_phandle_iterator.node' }] },
    },

    // The caller that detaches the node owns the reference that the tree held.
    ...each('of_detach_node', { class: node, returns: 'errno', onSuccess: { takes: [0] } }),
    // Attaching and detaching take and drop the tree's reference.
    ...each('__of_attach_node_sysfs __of_detach_node_sysfs of_node_release', { counts: true }),
    // A changeset holds its nodes until it is destroyed.
    of_changeset_action: { class: node, returns: 'errno', onSuccess: { holds: [2] } },

    // The results live as long as the node.
    ...each(`of_get_property of_find_property of_get_address __of_get_address of_node_full_name`, {
      class: node,
      returns: { dataOf: 0 },
    }),

    // These read the node and keep no pointer.
    ...each(
      `of_match_node of_device_is_compatible of_device_is_available of_device_is_big_endian
       of_machine_is_compatible of_node_name_eq of_node_name_prefix of_node_is_type of_node_check_flag
       of_translate_address of_translate_dma_address of_iomap of_io_request_and_map of_irq_get of_irq_get_byname
       of_irq_count irq_of_parse_and_map of_n_addr_cells of_n_size_cells of_alias_get_id of_modalias_node
       of_property_count_elems_of_size of_property_match_string of_property_read_string_helper
       of_get_child_count of_get_available_child_count of_graph_get_endpoint_count of_graph_is_present
       of_cpu_node_to_id of_count_phandle_with_args of_irq_to_resource of_pci_get_devfn
       of_property_read_variable_u8_array of_property_read_variable_u16_array
       of_property_read_variable_u32_array of_property_read_variable_u64_array`,
      {},
    ),
    ...each(
      `of_property_read_u32_index of_property_read_u64_index of_property_read_u64 of_property_read_string
       of_address_to_resource of_property_read_u8_array
       of_property_read_u16_array of_property_read_u32_array of_property_read_u64_array
       of_property_read_u32 of_property_read_u16 of_property_read_u8 of_property_read_s32`,
      { returns: 'errno' },
    ),
  },
  fields: {
    'device.of_node': { class: node, droppedBy: 'structure' },
    // sound/soc/soc-core.c uses this node to find components when a card is registered. It drops the node only in
    // functions that the card's driver calls for that purpose (4.18 to 6.12).
    'snd_soc_dai_link_component.of_node': {
      class: node,
      droppedBy: 'storer',
      droppers: [
        'snd_soc_of_put_dai_link_codecs',
        'snd_soc_of_put_dai_link_cpus',
        'asoc_simple_remove',
        'simple_util_remove',
        'asoc_simple_clean_reference',
        'simple_util_clean_reference',
      ],
    },
  },
}
