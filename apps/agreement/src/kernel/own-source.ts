// SPDX-License-Identifier: GPL-2.0-only

/**
 * C source that is compiled into kernels for replays. It has a driver that binds to the console's VIO device, as on the
 * recorded machine, and a function that allocates nodes as the observer's firmware did.
 */
export const observerSource = `
static int pfo_hvc_probe(struct vio_dev *vdev, const struct vio_device_id *id)
{
	return 0;
}

static const struct vio_device_id pfo_hvc_ids[] = {
	{ "serial", "hvterm1" },
	{ "", "" },
};

static struct vio_driver pfo_hvc_driver = {
	.id_table = pfo_hvc_ids,
	.probe = pfo_hvc_probe,
	.name = "hvc_console",
};

static int pfo_hvc_init(void)
{
	return vio_register_driver(&pfo_hvc_driver);
}
device_initcall(pfo_hvc_init);

struct device_node *pfo_new_node(struct property *properties, int count)
{
	struct device_node *np = kzalloc(sizeof(*np), GFP_KERNEL);
	int i;

	of_node_set_flag(np, OF_DYNAMIC);
	of_node_init(np);
	for (i = 0; i < count; i++) {
		struct property *pp = kzalloc(sizeof(*pp), GFP_KERNEL);

		pp->name = kstrdup(properties[i].name, GFP_KERNEL);
		pp->value = kmemdup(properties[i].value, properties[i].length, GFP_KERNEL);
		pp->length = properties[i].length;
		pp->next = i ? NULL : np->properties;
		if (i) {
			struct property *last = np->properties;

			while (last->next)
				last = last->next;
			last->next = pp;
		} else {
			np->properties = pp;
		}
	}
	return np;
}

char *pfo_strdup(const char *text)
{
	return kstrdup(text, GFP_KERNEL);
}
`

/** Functions that a replay calls by name. */
export const observerRoots: readonly string[] = [
  'pfo_new_node',
  'pfo_strdup',
  'of_find_node_by_phandle',
  'of_find_node_by_name',
  'of_find_node_opts_by_path',
  'of_find_node_by_type',
  'of_find_compatible_node',
  'of_node_put',
]
