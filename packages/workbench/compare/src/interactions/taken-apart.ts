// SPDX-License-Identifier: GPL-2.0-only
import type { Scenario } from '@pfo-workbench/run'
import type { PlayedVariant } from '../play/player.ts'
import type { Stack } from '../stacks.ts'
import type { Part, Play } from './parts.ts'

/** What plays the stacks that have to be looked at beside the variants. */
export interface Laboratory {
  /** How many stacks to ask for at the same time. */
  readonly jobs: number
  /** Plays scenarios without checking types. */
  readonly play: Play
  /** Whether a stack applies and compiles, and to which sources. */
  build(
    stack: Stack,
    depth: 'applied' | 'checked',
  ): Promise<{ readonly status: PlayedVariant['status']; readonly hash: string }>
}

/** A variant with what its patches do one by one, and what it does without each. */
export interface TakenApart {
  readonly variant: Part
  readonly baseline: Part
  /** Each patch by itself. */
  readonly parts: readonly Part[]
  /** The stack without each patch; same order. */
  readonly without: readonly Part[]
  readonly scenarios: readonly Scenario[]
}
