// SPDX-License-Identifier: GPL-2.0-only
// Its own file, so that the command can load kernel-tree lazily while other files of the app import it statically.
export { beginOpening } from '@pfo-workbench/kernel-tree'
