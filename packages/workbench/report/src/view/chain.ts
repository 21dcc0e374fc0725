// SPDX-License-Identifier: GPL-2.0-only
import type { CallChain, Frame } from '@pfo-workbench/run'

/** `dlpar_detach_node (dlpar.c:274)`, or the name alone where nobody knows the place. */
export function frameText({ function: name, file, line }: Frame): string {
  if (file === undefined) return name
  const place = file.slice(file.lastIndexOf('/') + 1)
  return `${name} (${line === undefined ? place : `${place}:${String(line)}`})`
}

/** How many functions of a call chain stand in a text of limited width. */
const shownFunctions = 9

/** `inner < outer < ...`, of a length that can be read at a glance. */
export function shortChainText(chain: CallChain): string {
  return chainText(chain, shownFunctions)
}

/**
 * `inner < outer`.
 *
 * @param shown - how many functions are shown at most
 */
export function chainText(chain: CallChain, shown: number = chain.length): string {
  const texts = chain.slice(0, shown).map(frameText)
  return [...texts, ...(chain.length > shown ? ['...'] : [])].join(' < ')
}
