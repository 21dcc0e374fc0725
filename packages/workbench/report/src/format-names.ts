// SPDX-License-Identifier: GPL-2.0-only
// Separate from the reports: the command line needs the names before it knows whether it makes a report.

/** Names of the reports. The first is the default. */
export const reportFormats = ['text', 'md', 'mail', 'html', 'json', 'junit'] as const

/** A value of `--format`. */
export type ReportFormat = (typeof reportFormats)[number]

/** The reports that show the stories of cells. */
export const formatsWithStories: readonly ReportFormat[] = ['html', 'json']
