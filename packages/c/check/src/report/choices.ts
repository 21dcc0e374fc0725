// SPDX-License-Identifier: GPL-2.0-only
// Apart from the code of the check, because the command line needs the choices even if it checks nothing.

/** The formats of a report. The first is the default. */
export const checkFormats = ['text', 'json', 'md', 'mail', 'junit'] as const
/** A format of a report. */
export type CheckFormat = (typeof checkFormats)[number]

/** Conditions under which a check fails. The first is the default. */
export const checkFailOn = ['never', 'introduced', 'any'] as const
/** A condition for exit code 1. */
export type CheckFailOn = (typeof checkFailOn)[number]
