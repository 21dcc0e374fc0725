// SPDX-License-Identifier: GPL-2.0-only

/** What a report may be told beside the comparison. Each format takes what concerns it. */
export interface ReportOptions {
  /** Text: whether to use colour; never decided here by looking at a terminal. Default: no. */
  readonly color?: boolean
  /** Text: how wide the terminal is. Default: 80. */
  readonly columns?: number
  /** Text: everything, and not one screen. Default: no. */
  readonly full?: boolean
  /** Text: what names the kernel in the commands that are suggested: `--kernel TREE`. Default: nothing, which means the models. */
  readonly kernelOption?: string
  /** Text: by id of a variant, what names it in the commands that are suggested. Default: the id. */
  readonly words?: Readonly<Record<string, string>>
  /** The commands that make this comparison again. Default: `npx pfo compare`. */
  readonly commands?: readonly string[]
  /** What made the comparison: the version of the workbench, and the commit of its checkout where that is known. */
  readonly workbench?: { readonly version: string; readonly commit?: string }
}

export const defaultCommands: readonly string[] = ['npx pfo compare']
