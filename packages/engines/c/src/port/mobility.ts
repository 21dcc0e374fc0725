// SPDX-License-Identifier: GPL-2.0-only
import type { Edit } from './edit.ts'
import type { Proposal } from './proposal.ts'

const dlpar = ['arch/powerpc/platforms/pseries/dlpar.c']
const mobility = ['arch/powerpc/platforms/pseries/mobility.c']

/** Ignores firmware requests to delete the facilities or to add their parent. */
const ignoring: readonly Edit[] = [
  {
    place: 'before',
    at: { function: 'delete_dt_node' },
    lines: `static bool is_platform_facilities(struct device_node *np)
{
	const char *type = of_get_property(np, "device_type", NULL);

	return type && !strcmp(type, "ibm,platform-facilities");
}

`,
  },
  {
    place: 'after',
    at: { function: 'delete_dt_node', statement: /\tstruct device_node \*dn;\n/ },
    lines: `	struct device_node *parent;
	bool ignore;
`,
  },
  {
    place: 'before',
    at: { function: 'delete_dt_node', statement: /\tdlpar_detach_node\(dn\);\n/ },
    lines: `	parent = of_get_parent(dn);
	ignore = is_platform_facilities(dn) || is_platform_facilities(parent);
	of_node_put(parent);
	if (ignore) {
		pr_notice("ignoring remove operation for %pOFfp\\n", dn);
		of_node_put(dn);
		return 0;
	}

`,
  },
  {
    place: 'before',
    at: { function: 'add_dt_node', statement: /\trc = dlpar_attach_node\(dn, parent_dn\);\n/ },
    lines: `	if (is_platform_facilities(dn)) {
		pr_notice("ignoring add operation for %pOF\\n", dn);
		dlpar_free_cc_nodes(dn);
		of_node_put(parent_dn);
		return 0;
	}

`,
  },
]

/** Changes nothing, but fits only if a function has a statement. */
const ifThere = (name: string, statement: RegExp): readonly Edit[] => [
  { place: 'before', at: { function: name, statement }, lines: '' },
]

/** The position just before the kernel asks firmware for a node. */
const asked = /\tdn = dlpar_configure_connector\(drc_index, parent_dn\);\n/

/** Proposals for how migrations handle detached nodes and the platform facilities. */
export const mobilityProposals: readonly Proposal[] = [
  {
    id: 'wipe',
    subject: 'powerpc/pseries: Wipe handle and name of a detached node',
    message: `A detached node keeps its phandle and its name, so lookups may still find it. Clear both in dlpar_detach_node().`,
    ways: [
      [
        {
          paths: dlpar,
          edits: [
            {
              place: 'after',
              at: {
                function: 'dlpar_detach_node',
                statement: /\trc = of_detach_node\(dn\);\n\tif \(rc\)\n\t\treturn rc;\n/,
              },
              lines: `
	dn->phandle = 0;
	memset((char *)dn->name, 0, strlen(dn->name));
`,
            },
          ],
        },
      ],
    ],
  },
  {
    id: 'ignore-pfo',
    subject: 'powerpc/pseries/mobility: Leave the platform facilities alone',
    message: `Firmware deletes ibm,platform-facilities and its children at each migration and
adds them again. Ignore both.`,
    inKernel: {
      paths: mobility,
      at: [{ function: 'delete_dt_node', statement: /ibm,platform-facilities/ }],
      why: 'this kernel ignores them since 319fa1a52e43 (v5.16)',
    },
    ways: [
      [
        {
          paths: mobility,
          edits: ignoring,
        },
      ],
    ],
  },
  {
    id: 'ignore-pfo-children',
    subject: 'powerpc/pseries/mobility: Ignore the facilities added one by one as well',
    message: `The kernel ignores removals of ibm,platform-facilities and its children. If
firmware then adds each child separately, each child exists twice, the second one
under another name. Ignore additions below ibm,platform-facilities too.`,
    inKernel: {
      paths: mobility,
      at: [{ function: 'add_dt_node', statement: /\(parent_dn, "ibm,platform-facilities"\)/ }],
      why: 'this kernel ignores additions below them',
    },
    ways: [
      // The function looks up the parent.
      [
        {
          paths: mobility,
          edits: [
            ...ifThere('add_dt_node', /of_node_is_type\(dn, "ibm,platform-facilities"\)/),
            ...ifThere('add_dt_node', /parent_dn = of_find_node_by_phandle\(/),
            {
              place: 'before',
              at: { function: 'add_dt_node', statement: asked },
              lines: `	if (of_node_is_type(parent_dn, "ibm,platform-facilities")) {
		pr_notice("ignoring add operation below %pOF\\n", parent_dn);
		of_node_put(parent_dn);
		return 0;
	}

`,
            },
          ],
        },
      ],
      // The caller passes the parent.
      [
        {
          paths: mobility,
          edits: [
            ...ifThere('add_dt_node', /of_node_is_type\(dn, "ibm,platform-facilities"\)/),
            ...ifThere('add_dt_node', /\(struct device_node \*parent_dn,/),
            {
              place: 'before',
              at: { function: 'add_dt_node', statement: asked },
              lines: `	if (of_node_is_type(parent_dn, "ibm,platform-facilities")) {
		pr_notice("ignoring add operation below %pOF\\n", parent_dn);
		return 0;
	}

`,
            },
          ],
        },
      ],
      // A kernel before v5.16 does not ignore removals and additions of the facilities.
      [
        {
          paths: mobility,
          edits: [
            ...ignoring,
            {
              place: 'before',
              at: { function: 'add_dt_node', statement: asked },
              lines: `	if (is_platform_facilities(parent_dn)) {
		pr_notice("ignoring add operation below %pOF\\n", parent_dn);
		of_node_put(parent_dn);
		return 0;
	}

`,
            },
          ],
        },
      ],
    ],
  },
]
