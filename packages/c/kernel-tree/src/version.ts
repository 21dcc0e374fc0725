// SPDX-License-Identifier: GPL-2.0-only
import { KernelTreeError } from './error.ts'

/** The version in the top Makefile of a kernel tree. */
export interface KernelVersion {
  readonly major: number
  readonly minor: number
  /** SUBLEVEL: the stable release. */
  readonly patch: number
  /** EXTRAVERSION, such as `-rc2`; empty for releases. */
  readonly extra: string
  /** The whole version, as `make kernelversion` prints it. */
  readonly text: string
}

/**
 * Parses the version in the text of a top Makefile.
 *
 * @returns null if VERSION or PATCHLEVEL is missing, or if one of the three numbers is invalid
 */
export function parseVersion(makefile: string): KernelVersion | null {
  const value = (name: string): string | undefined =>
    new RegExp(`^${name}[ \\t]*=[ \\t]*([^\\s#]*)`, 'm').exec(makefile)?.[1]
  const numbers = [value('VERSION'), value('PATCHLEVEL'), value('SUBLEVEL') ?? '0'].map((text) =>
    text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null,
  )
  const [major, minor, patch] = numbers
  if (major == null || minor == null || patch == null) return null
  const extra = value('EXTRAVERSION') ?? ''
  return { major, minor, patch, extra, text: `${String(major)}.${String(minor)}.${String(patch)}${extra}` }
}

/** True if a kernel is this release or a later one. */
export function isAtLeast(
  { major, minor }: KernelVersion,
  [wantedMajor, wantedMinor]: [number, number],
): boolean {
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

/** The oldest kernel that the C packages support. */
const oldestKernel: [number, number] = [4, 18]

/**
 * Checks that a tree is a kernel and new enough.
 *
 * @param makefile - text of the top Makefile; null if there is none
 * @param where - name of the tree in messages
 * @throws KernelTreeError `not-a-kernel` or `too-old`
 */
export function acceptVersion(makefile: string | null, where: string): KernelVersion {
  const version = makefile === null ? null : parseVersion(makefile)
  if (version === null)
    throw new KernelTreeError(
      'not-a-kernel',
      `${where} is not a kernel tree: it has no Makefile with VERSION and PATCHLEVEL; accepted: a folder (DIR) and a commit of a repository (DIR@COMMIT)`,
    )
  if (!isAtLeast(version, oldestKernel))
    throw new KernelTreeError('too-old', `${where} is Linux ${version.text}; accepted: 4.18 and later`)
  return version
}
