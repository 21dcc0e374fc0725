// SPDX-License-Identifier: GPL-2.0-only
import { printableLines } from '@pfo-workbench/wording'

/** Formats a message for stderr. The prefix distinguishes it from the messages of other programs in a pipe. */
export const formatStderrLine = (message: string): string => `pfo: ${printableLines(message)}\n`
