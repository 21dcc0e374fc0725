// SPDX-License-Identifier: GPL-2.0-only
// A separate file: `cli.ts` loads kernel-tree lazily through this file, while other files of the app import kernel-tree
// statically.
export { beginOpening } from '@pfo-workbench/kernel-tree'
