// SPDX-License-Identifier: GPL-2.0-only
import type { Anchor, Edit } from './edit.ts'

/** Changes of one file. */
export interface FileEdits {
  /** Where kernels have it; the first path that is there is taken. */
  readonly paths: readonly string[]
  readonly edits: readonly Edit[]
}

/** A shipped proposal as changes of C, at places that kernels have in common. */
export interface Proposal {
  readonly id: string
  readonly subject: string
  /** What it changes and why: the patch's message. */
  readonly message: string
  /** Ways to make the change, for kernels that differ: the first whose places are all there is taken. */
  readonly ways: readonly (readonly FileEdits[])[]
  /** What only a kernel has that has the change already, or does not need it, and why. */
  readonly inKernel?: {
    readonly paths: readonly string[]
    readonly at: Anchor
    readonly why: string
  }
}
