// SPDX-License-Identifier: GPL-2.0-only
import type { CallChain, Frame } from '@pfo-workbench/run'

/** `dlpar_detach_node (dlpar.c:274)`, or the function alone if its file is unknown. */
export function frameText({ function: name, file, line }: Frame): string {
  if (file === undefined) return name
  const place = file.slice(file.lastIndexOf('/') + 1)
  return `${name} (${line === undefined ? place : `${place}:${String(line)}`})`
}

/** Number of functions of a call chain shown in texts of limited width. */
const shownFunctions = 9

/** `inner < outer < ...`, limited to a readable length. */
export function shortChainText(chain: CallChain): string {
  return chainText(chain, shownFunctions)
}

/**
 * `inner < outer`.
 *
 * @param shown - maximum number of functions
 */
export function chainText(chain: CallChain, shown: number = chain.length): string {
  const texts = chain.slice(0, shown).map(frameText)
  return [...texts, ...(chain.length > shown ? ['...'] : [])].join(' < ')
}
