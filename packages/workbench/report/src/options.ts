// SPDX-License-Identifier: GPL-2.0-only

/** What a report may be told beside the comparison. Each format takes what concerns it. */
export interface ReportOptions {
  /** Text: whether to use colour; never decided here by looking at a terminal. Default: no. */
  readonly color?: boolean
  /** Mail, Markdown, HTML: the command that makes this comparison again. Default: `npx pfo compare`. */
  readonly command?: string
}

export const defaultCommand = 'npx pfo compare'
