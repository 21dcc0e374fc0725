// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import {
  applyStack,
  changedDefinitions,
  definitionsIn,
  kernelPaths,
  parseSeries,
  type StackResult,
} from '../src/index.ts'
import { Repository } from './repository.ts'

/** Set `FUZZ_RUNS=10000` for a longer search. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 40)

/**
 * Milliseconds after which the search ends. Each input starts git twice, so a slow machine tries fewer inputs. The test
 * does not fail for that reason.
 */
const interruptAfterTimeLimit = 60_000

const repository = new Repository()
afterAll(() => {
  repository.remove()
})

/** The result for `x.c`. */
async function byUs(diff: string, text: string): Promise<{ state: StackResult['state']; text: string }> {
  const { patches } = parseSeries(diff, { source: 'x.patch', paths: kernelPaths })
  const read = (path: string): Promise<string | null> => Promise.resolve(path === 'x.c' ? text : null)
  const { state, changed: files } = await applyStack(patches, { read })
  return { state, text: files.get('x.c') ?? text }
}

/** A file of functions with similar bodies, so that hunks fit at more than one position. */
const functions = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('one', 'two', 'three', 'four', 'five'),
    body: fc.array(fc.constantFrom('\tget(np);\n', '\tput(np);\n', '\n', '\tx++;\n', '\treturn;\n'), {
      minLength: 1,
      maxLength: 14,
    }),
  }),
  { minLength: 1, maxLength: 5, selector: ({ name }) => name },
)

const textOf = (parts: readonly { readonly name: string; readonly body: readonly string[] }[]): string =>
  parts.map(({ name, body: lines }) => `int ${name}(void)\n{\n${lines.join('')}}\n`).join('\n')

/** Inserts, removes and replaces lines. */
const edits = fc.array(
  fc.record({
    at: fc.nat(80),
    remove: fc.nat(2),
    insert: fc.array(fc.constantFrom('\tget(np);\n', '\tnew();\n', '\n'), { maxLength: 2 }),
  }),
  { minLength: 1, maxLength: 3 },
)

function edited(
  text: string,
  changes: readonly { at: number; remove: number; insert: readonly string[] }[],
): string {
  const lines = text.split(/(?<=\n)/)
  for (const { at, remove, insert } of changes) lines.splice(at % (lines.length + 1), remove, ...insert)
  return lines.join('')
}

/** True if the text still has all functions. If an edit lost a brace, a change may be in no function. */
const isWhole = (text: string, parts: readonly { readonly name: string }[]): boolean => {
  const names = definitionsIn('x.c', text).map(({ name }) => name)
  return parts.every(({ name }) => names.includes(name))
}

/** Names of the functions that differ. */
const changed = (before: string, after: string): string[] =>
  changedDefinitions('x.c', before, after)
    .map(({ definition }) => definition.name)
    .sort()

it('a patch is applied as git applies it, except if git leaves the function; a patch that git refuses is not applied', async () => {
  await fc.assert(
    fc.asyncProperty(
      functions,
      edits,
      edits,
      fc.integer({ min: 1, max: 3 }),
      async (parts, change, drift, context) => {
        const base = textOf(parts)
        const after = edited(base, change)
        const tree = edited(base, drift)
        fc.pre(after !== base && after !== '' && tree !== '')
        repository.write({ 'a/x.c': base, 'b/x.c': after, 'x.c': tree })
        const options = ['--no-index', '--no-prefix', `-U${String(context)}`]
        const { stdout } = repository.tryGit('', 'diff', ...options, 'a/x.c', 'b/x.c')
        const theirs = repository.tryGit(stdout, 'apply').ok ? repository.read('x.c') : null
        const { state, text: ours } = await byUs(stdout, tree)
        if (theirs === null) expect(state).not.toBe('applied')
        else if (state !== 'applied') expect(state).toMatch(/^(?:elsewhere|partly-in|already-applied)$/)
        else if (ours !== theirs && isWhole(after, parts) && isWhole(tree, parts)) {
          expect(changed(tree, ours)).toEqual(changed(base, after))
          expect(changed(tree, theirs)).not.toEqual(changed(base, after))
        }
      },
    ),
    { numRuns, interruptAfterTimeLimit },
  )
})
