// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import { counted } from '@pfo-workbench/wording'
import { leftOutTexts } from '../view/left-out.ts'
import { assumedFunctions } from '../view/made-with.ts'
import { wrapped } from './lines.ts'

/** Lists the limits of the answer: scenarios that were not played, and functions that are assumed. */
export function limitLines(comparison: Comparison, columns: number): string[] {
  const { length } = assumedFunctions(comparison)
  const texts = [
    ...leftOutTexts(comparison).map((text) => wrapped('', text, columns)),
    ...(length === 0
      ? []
      : [
          wrapped(
            '',
            `${counted(length, 'kernel function is', 'kernel functions are')} assumed; --full names ${length === 1 ? 'it' : 'them'}`,
            columns,
          ),
        ]),
  ]
  return texts.flatMap((text) => text.split('\n'))
}
