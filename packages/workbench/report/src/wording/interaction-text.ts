// SPDX-License-Identifier: GPL-2.0-only
import type { FindingName, Interaction, InteractionKind } from '@pfo-workbench/compare'
import { findingKey } from '@pfo-workbench/oracle'
import { counted, enumerated } from '@pfo-workbench/wording'

type Of<Kind extends InteractionKind> = Extract<Interaction, { readonly kind: Kind }>
type Sentences = { readonly [Kind in InteractionKind]: (interaction: Of<Kind>) => string }

/** `in lpm-once-hierarchy and 3 more scenarios`. */
function places([first = '', ...more]: readonly string[]): string {
  if (more.length === 0) return `in ${first}`
  return `in ${first} and ${counted(more.length, 'more scenario')}`
}

const named = (finding: FindingName): string => findingKey(finding)

/** Sentence of each kind of interaction. */
const sentences: Sentences = {
  combination: ({ finding, patches, scenarios }) =>
    `${named(finding)} arises ${places(scenarios)} only with ${enumerated(patches)} together; none of them has it alone`,
  redundant: ({ patches, why, others }) => {
    const reason =
      why === 'changes-nothing'
        ? `${enumerated(patches)} alone changes no finding either`
        : `${enumerated(others)} already ${others.length === 1 ? 'does' : 'do'} the same`
    return `without ${enumerated(patches)} the stack has the same findings: ${reason}`
  },
  masked: ({ finding, scenario, mask }) =>
    `${named(finding)} is not fixed in ${scenario}: ${named(mask)} hides it`,
  returns: ({ finding, goneIn, scenario }) =>
    `${named(finding)} does not show in ${goneIn}, but shows in ${scenario}, which adds steps to ${goneIn}`,
  order: ({ patches: [first = '', second = ''], becomes }) => {
    if (becomes === 'other-findings') return `with ${second} before ${first} the stack has other findings`
    if (becomes === 'conflict') return `${second} does not apply before ${first}: conflict`
    return `with ${second} before ${first} the stack has the status ${becomes}`
  },
}

/** Describes an interaction of patches in one sentence. */
export function interactionText(interaction: Interaction): string {
  // `kind` decides the type of the interaction, but the compiler cannot see that through the table.
  const sentence = sentences[interaction.kind] as (interaction: Interaction) => string
  return sentence(interaction)
}
