// SPDX-License-Identifier: GPL-2.0-only
import type { Interaction } from '../interaction.ts'
import { haveCommonFile, stackOfPatches } from '../stacks.ts'
import { firstDifference, LazyStackRuns } from './lazy-stack-runs.ts'
import type { StackPlayer, StackDecomposition } from './stack-decomposition.ts'

type Reordered = Extract<Interaction, { readonly kind: 'order' }>['becomes']

/** Finds pairs of patches whose order matters: for each pair, moves the later patch before the earlier one. */
export async function findOrderDependencies(
  { variant, scenarios }: StackDecomposition,
  hash: string,
  stackPlayer: StackPlayer,
): Promise<Interaction[]> {
  const { patches } = variant.stack
  const found: Interaction[] = []
  for (const [at, first] of patches.entries()) {
    for (const second of patches.slice(at + 1)) {
      // Patches of different files cannot interfere.
      if (!haveCommonFile(first, second)) continue
      const moved = stackOfPatches(
        patches.flatMap((patch) => (patch === first ? [second, first] : patch === second ? [] : [patch])),
      )
      const built = await stackPlayer.build(moved, 'applied')
      const report = (becomes: Reordered): void => {
        found.push({ variant: variant.stack.id, kind: 'order', patches: [first.id, second.id], becomes })
      }
      if (built.status !== 'ok') report(built.status)
      else if (built.hash !== hash) {
        const other = new LazyStackRuns(moved, stackPlayer.play)
        if ((await firstDifference(other, variant, scenarios)) === null) continue
        report(other.status === 'ok' ? 'other-findings' : other.status)
      }
    }
  }
  return found
}
