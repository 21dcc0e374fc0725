// SPDX-License-Identifier: GPL-2.0-only
import { readText, type KernelTree } from '@pfo-workbench/kernel-tree'
import { createTwoFilesPatch } from 'diff'
import { phandleCacheProposals } from './phandle-cache.ts'
import { dlparProposals } from './dlpar.ts'
import { driverProposals } from './drivers.ts'
import { AnchorError, edited, hasStatement } from './edit.ts'
import { mobilityProposals } from './mobility.ts'
import type { FileEdits, Proposal } from './proposal.ts'
import { vioProposals } from './vio.ts'

const proposals: readonly Proposal[] = [
  ...dlparProposals,
  ...mobilityProposals,
  ...phandleCacheProposals,
  ...vioProposals,
  ...driverProposals,
]

/** Ids of the shipped proposals that have a C version. */
export const portedIds: readonly string[] = proposals.map(({ id }) => id)

/** The result of porting a proposal to a tree. */
export type PortedProposal =
  | {
      readonly status: 'fits'
      readonly subject: string
      /** A patch in git's mail format, without an author. */
      readonly patch: string
      /** The files that the patch changes, after the change. */
      readonly texts: ReadonlyMap<string, string>
    }
  /** The kernel contains the change, or does not need it. */
  | { readonly status: 'in-kernel'; readonly why: string }
  /** The change does not fit into the kernel. */
  | { readonly status: 'no-place'; readonly why: string }

/**
 * Writes a shipped proposal as a C patch for a tree.
 *
 * @returns null if no shipped proposal with that id has a C version
 */
export async function portProposal(id: string, tree: KernelTree): Promise<PortedProposal | null> {
  const proposal = proposals.find((one) => one.id === id)
  if (proposal === undefined) return null
  const { inKernel, ways } = proposal
  if (inKernel !== undefined) {
    const file = await firstOf(tree, inKernel.paths)
    if (file !== null && inKernel.at.some((place) => hasStatement(file.text, place)))
      return { status: 'in-kernel', why: inKernel.why }
  }
  let why = 'the proposal has no version for this kernel'
  for (const way of ways) {
    try {
      return await inOneWay(proposal, way, tree)
    } catch (fault) {
      if (!(fault instanceof AnchorError)) throw fault
      why = fault.message
    }
  }
  return { status: 'no-place', why }
}

async function firstOf(
  tree: KernelTree,
  paths: readonly string[],
): Promise<{ path: string; text: string } | null> {
  for (const path of paths) {
    const text = await readText(tree, path)
    if (text !== null) return { path, text }
  }
  return null
}

async function inOneWay(
  { subject, message }: Proposal,
  way: readonly FileEdits[],
  tree: KernelTree,
): Promise<PortedProposal> {
  const texts = new Map<string, string>()
  const diffs: string[] = []
  for (const { paths, edits } of way) {
    const file = await firstOf(tree, paths)
    if (file === null) throw new AnchorError(`there is no file ${paths.join(' or ')}`)
    const { path, text } = file
    let after = text
    for (const edit of edits) {
      try {
        after = edited(after, edit)
      } catch (fault) {
        throw fault instanceof AnchorError ? new AnchorError(`${path}: ${fault.message}`) : fault
      }
    }
    texts.set(path, after)
    diffs.push(diffOf(path, text, after))
  }
  const patch = `Subject: [PATCH] ${subject}\n\n${message}\n---\n${diffs.join('')}`
  return { status: 'fits', subject, patch, texts }
}

/** Writes a diff in the format of `git diff`. */
function diffOf(path: string, before: string, after: string): string {
  const body = createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, {
    context: 3,
  })
  return `diff --git a/${path} b/${path}\n${body.replace(/^=+\n/, '')}`
}
