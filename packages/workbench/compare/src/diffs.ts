// SPDX-License-Identifier: GPL-2.0-only
import type { FileChange, Hunk } from '@pfo-workbench/patch'
import type { PatchDiff } from './comparison.ts'
import type { Stack } from './stacks.ts'

function hunkText({ oldStart, oldLines, newStart, newLines, section, lines }: Hunk): string {
  // A side without lines is named by the line before it.
  const start = (first: number, count: number): number => (count === 0 ? first - 1 : first)
  const before = `${String(start(oldStart, oldLines))},${String(oldLines)}`
  const after = `${String(start(newStart, newLines))},${String(newLines)}`
  return [`@@ -${before} +${after} @@${section === '' ? '' : ` ${section}`}`, ...lines].join('\n')
}

function fileText({ kind, path, oldPath, hunks }: FileChange): string {
  return [
    `diff --git a/${oldPath ?? path} b/${path}`,
    `--- ${oldPath === null ? '/dev/null' : `a/${oldPath}`}`,
    `+++ ${kind === 'delete' ? '/dev/null' : `b/${path}`}`,
    ...hunks.map(hunkText),
  ].join('\n')
}

/** What the patches of a stack change, as commit messages and unified diffs without the mail around them. */
export function diffsOf(stack: Stack): PatchDiff[] {
  return stack.patches.flatMap(({ id, series }) =>
    series.patches.map(({ subject, body, files }) => ({
      id,
      subject,
      body,
      text: `${files.map(fileText).join('\n')}\n`,
    })),
  )
}
