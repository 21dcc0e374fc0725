// SPDX-License-Identifier: GPL-2.0-only
import { printableLines } from '@pfo-workbench/report'

/** A message for stderr, where other programs of a pipe speak too. */
export const saidByPfo = (message: string): string => `pfo: ${printableLines(message)}\n`
