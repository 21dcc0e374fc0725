// SPDX-License-Identifier: GPL-2.0-only
// The only module that `cli.ts` loads before the one of the command.
export { beginOpening } from '@pfo-workbench/kernel-tree'
