// SPDX-License-Identifier: GPL-2.0-only
import { constantsSource } from '@pfo-workbench/host'

/** Our own source file, compiled with the kernel's headers. No tree has a file of this name. */
export const ownFile = 'kernel/pfo.c'

/**
 * Our own C code: constants of the kernel, and `lookup_user`. This function represents any code that looks up a node
 * and correctly puts the reference when done. The models have a function of the same name.
 */
export function ownSource(): string {
  return `${constantsSource()}
int lookup_user(const char *path, unsigned int handle)
{
	struct device_node *np = path ? of_find_node_by_path(path) : of_find_node_by_phandle(handle);

	if (!np)
		return 0;
	of_node_put(np);
	return 1;
}
`
}
