// SPDX-License-Identifier: GPL-2.0-only
import type { Proposal } from './proposal.ts'

const dlpar = ['arch/powerpc/platforms/pseries/dlpar.c']

/** Proposals for the code that creates nodes from firmware data. */
export const dlparProposals: readonly Proposal[] = [
  {
    id: 'attach-subtree',
    subject: 'powerpc/pseries: Attach the children that configure-connector returned',
    message: `One ADD may describe a whole hierarchy. dlpar_attach_node() attaches only the
top node, and the attach clears its child pointer, so its children are lost.
Attach each child below it. If a child cannot be attached, free it with its
subtree.`,
    inKernel: {
      paths: dlpar,
      at: [{ function: 'dlpar_attach_node', statement: /->child\b/ }],
      why: 'dlpar_attach_node() attaches children',
    },
    ways: [
      [
        {
          paths: dlpar,
          edits: [
            {
              place: 'before',
              at: { function: 'dlpar_attach_node', statement: /\tint rc;\n/ },
              lines: '\tstruct device_node *child, *next;\n',
            },
            {
              place: 'after',
              at: { function: 'dlpar_attach_node', statement: /\tdn->parent = parent;\n/ },
              lines: '\tchild = dn->child;\n',
            },
            {
              place: 'before',
              at: { function: 'dlpar_attach_node', statement: /^\treturn 0;\n/m },
              lines: `	for (; child; child = next) {
		/* The live tree uses this link as well. */
		next = child->sibling;
		if (dlpar_attach_node(child, dn)) {
			child->sibling = NULL;
			dlpar_free_cc_nodes(child);
		}
	}

`,
            },
          ],
        },
      ],
    ],
  },
  {
    id: 'cc-property-name',
    subject: 'powerpc/pseries: Fail when memory is short for the name of a property',
    message: `dlpar_parse_cc_property() checks the allocation of a property's value, but not
that of its name. The next search for a property of the node dereferences a
NULL pointer.`,
    inKernel: {
      paths: dlpar,
      at: [{ function: 'dlpar_parse_cc_property', statement: /!prop->name\b/ }],
      why: 'dlpar_parse_cc_property() checks the name',
    },
    ways: [
      [
        {
          paths: dlpar,
          edits: [
            {
              place: 'after',
              at: {
                function: 'dlpar_parse_cc_property',
                statement: /\tprop->name = kstrdup\(name, GFP_KERNEL\);\n/,
              },
              lines: `	if (!prop->name) {
		dlpar_free_cc_property(prop);
		return NULL;
	}
`,
            },
          ],
        },
      ],
    ],
  },
]
