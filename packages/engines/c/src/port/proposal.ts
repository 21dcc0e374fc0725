// SPDX-License-Identifier: GPL-2.0-only
import type { Anchor, Edit } from './edit.ts'

/** Changes of one file. */
export interface FileEdits {
  /** Possible paths of the file. The first one that exists is used. */
  readonly paths: readonly string[]
  readonly edits: readonly Edit[]
}

/** A shipped proposal as changes of C code, at positions that are common to kernels. */
export interface Proposal {
  readonly id: string
  readonly subject: string
  /** Message of the patch: the change, and the reason for it. */
  readonly message: string
  /** Alternatives for different kernels. The first one that fits completely is used. */
  readonly ways: readonly (readonly FileEdits[])[]
  /** If one of these places exists, the kernel contains the change or does not need it. `why` is shown to the user. */
  readonly inKernel?: {
    readonly paths: readonly string[]
    readonly at: readonly Anchor[]
    readonly why: string
  }
}
