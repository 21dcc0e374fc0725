// SPDX-License-Identifier: GPL-2.0-only
import { counted } from '@pfo-workbench/wording'
import type { FunctionContract } from '../contracts/schema.ts'
import type { ContractTable } from '../contracts/table.ts'
import type { VerifiedFile } from '../drive/verify-file-contracts.ts'
import type { Deviation } from '../verify/effects.ts'
import { printableDocument } from './printable.ts'

/** The result of verifying the functions of a tree against their contracts. */
export interface VerifiedDocument {
  readonly kernel: string
  readonly compiler: string
  readonly files: readonly VerifiedFile[]
}

/**
 * The differences as text, each with the effects of body and contract. After the differences of a function: its
 * contract, and the path of its first difference. At the end: totals.
 */
export function verifiedText(given: VerifiedDocument, contracts: ContractTable): string {
  const { kernel, compiler, files } = printableDocument(given)
  const all = files.flatMap(({ functions }) => functions)
  const different = all.filter(({ differences }) => differences.length > 0)
  const partly = all.filter(({ complete, differences }) => !complete && differences.length === 0)
  const agreeing = all.length - different.length - partly.length
  const lines = different.flatMap(({ name, file, line, paths, differences }) => [
    ...differences.map(
      (found) =>
        `${file}:${line}: ${name}(): on ${found.paths} of ${counted(paths, 'path')}, at the return in line ${found.line}, ${differenceText(found.difference)}`,
    ),
    `  contract: ${contractText(contracts.function(name))}`,
    ...differences
      .slice(0, 1)
      .filter(({ path }) => path.length > 0)
      .map(({ path }) => `  path: ${path.map(({ line: at, text }) => `${at} ${text}`).join(' -> ')}`),
  ])
  return [
    `Linux ${kernel}, ${compiler}`,
    '',
    ...lines,
    ...(lines.length > 0 ? [''] : []),
    `${agreeing} of ${counted(all.length, 'function')} agree with their contracts on all paths, ${different.length} do not`,
    ...(partly.length === 0
      ? []
      : [
          `${partly.length} agree on the explored paths, which are not all paths: ${partly.map(({ name }) => name).join(', ')}`,
        ]),
    ...files.flatMap(({ reason }) =>
      reason === undefined ? [] : [`not executed: ${reason.split('\n')[0] ?? ''}`],
    ),
    '',
  ].join('\n')
}

function differenceText(difference: Deviation): string {
  switch (difference.kind) {
    case 'argument':
      return `argument ${difference.argument} has ${change(difference.actual)}; according to the contract, ${change(difference.expected)}`
    case 'returned':
      return difference.expected === 1 && difference.actual === 0
        ? 'it returns an object without a reference'
        : `it returns an object with ${change(difference.actual)}; according to the contract, ${change(difference.expected)}`
    case 'not-filled':
      return `the structure of argument ${difference.argument} has no reference at offset ${difference.offset}`
    case 'lost':
      return `a reference to ${difference.object} is lost`
    case 'dropped':
      return `a reference to ${difference.object} is dropped that the function does not own`
  }
}

function change(references: number): string {
  if (references === 0) return 'as many references as before'
  return `${counted(Math.abs(references), 'reference')} ${references > 0 ? 'more' : 'less'}`
}

function contractText(contract: FunctionContract | undefined): string {
  return contract === undefined || Object.keys(contract).length === 0
    ? 'takes and drops nothing'
    : JSON.stringify(contract)
}
