// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stack } from '@pfo-workbench/compare'
import type { ModelEngine } from '@pfo-workbench/engine-models'
import { createTwoFilesPatch } from 'diff'
import { root } from './workspace.ts'

/** An edit of a model source: path below packages/models, text that occurs exactly once, and its replacement. */
export type Edit = readonly [file: string, from: string, to: string]

/** Applies an edit to a source. @throws Error unless the text occurs exactly once */
function replaced(source: string, [file, from, to]: Edit): string {
  const parts = source.split(from)
  if (parts.length !== 2) throw new Error(`${file} has ${String(parts.length - 1)} times: ${from}`)
  return parts.join(to)
}

/** Builds a stack of one patch that makes the given edits. */
export function stackOfEdits(engine: ModelEngine, id: string, title: string, edits: readonly Edit[]): Stack {
  const diffs = [...new Set(edits.map(([file]) => file))].map((file) => {
    const path = `packages/models/${file}`
    const before = readFileSync(join(root, path), 'utf8')
    const after = edits.filter(([one]) => one === file).reduce(replaced, before)
    const patch = createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after)
    return `diff --git a/${path} b/${path}\n${patch.slice(patch.indexOf('---'))}`
  })
  return { id, title, patches: [{ id, series: engine.readPatch(diffs.join(''), `${id}.patch`) }] }
}
