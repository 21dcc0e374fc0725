// SPDX-License-Identifier: GPL-2.0-only
import type { Scenario } from '@pfo-workbench/run'
import type { PlayedVariant } from '../play/player.ts'
import type { Stack } from '../stacks.ts'
import type { LazyStackRuns, PlayInScenarios } from './lazy-stack-runs.ts'

/** Plays the stacks that are needed besides the variants. */
export interface StackPlayer {
  /** Number of stacks to request at the same time. */
  readonly jobs: number
  /** Plays scenarios without checking types. */
  readonly play: PlayInScenarios
  /** Tries to apply a stack, and for `checked` also to compile it. Returns the status and the hash of the sources. */
  build(
    stack: Stack,
    depth: 'applied' | 'checked',
  ): Promise<{ readonly status: PlayedVariant['status']; readonly hash: string }>
}

/** A variant, its single patches, and its stacks with one patch left out. */
export interface StackDecomposition {
  readonly variant: LazyStackRuns
  readonly unpatched: LazyStackRuns
  /** Each patch alone. */
  readonly parts: readonly LazyStackRuns[]
  /** The stack without each patch, in the same order. */
  readonly without: readonly LazyStackRuns[]
  readonly scenarios: readonly Scenario[]
}
