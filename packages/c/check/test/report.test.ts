// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import {
  checkDocument,
  checkExitCode,
  checkFormats,
  checkReport,
  isCheckDocument,
  mergeCheckDocuments,
  parseCheckDocument,
  type CheckDocument,
  type CheckedFinding,
  type CheckedPatch,
  type NamedDocument,
} from '../src/index.ts'

function finding(given: Partial<CheckedFinding>): CheckedFinding {
  return {
    rule: 'leak',
    severity: 'error',
    status: 'introduced',
    file: 'drivers/foo.c',
    function: 'bar_probe',
    line: 152,
    message: 'leak of the node from of_find_node_by_path("/x") (line 123)',
    references: '1 taken at 123; never dropped, stored or returned',
    paths: 2,
    ofPaths: 9,
    path: [
      { file: 'drivers/foo.c', line: 130, text: 'of_get_property() == NULL' },
      { file: 'drivers/foo.c', line: 141, text: 'kzalloc() != NULL' },
    ],
    ...given,
  }
}

function patch(given: Partial<CheckedPatch>): CheckedPatch {
  return {
    id: 'fix',
    title: 'foo: fix it',
    state: 'applied',
    functions: [
      {
        file: 'drivers/foo.c',
        name: 'bar_probe',
        configuration: 'ppc64',
        forced: [],
        paths: 18,
        complete: true,
        approximate: false,
      },
    ],
    findings: [],
    ...given,
  }
}

const document = (...patches: CheckedPatch[]): CheckDocument => ({
  schemaVersion: 1,
  kernel: '6.1.7 (linux)',
  compiler: 'clang version 19.1.7',
  patches,
})

const plain = { kept: false, color: false }

describe('a report', () => {
  it('as text shows the finding, its status, the path, and the references', () => {
    const text = checkReport(document(patch({ findings: [finding({})] })), 'text', plain)
    expect(text).toContain(
      [
        'foo: fix it: 1 introduced',
        'drivers/foo.c:152: bar_probe(): error: leak of the node from of_find_node_by_path("/x") (line 123)',
        '  introduced by this patch; on 2 of 9 paths',
        '  path: 130 of_get_property() == NULL -> 141 kzalloc() != NULL -> return at 152',
        '  references: 1 taken at 123; never dropped, stored or returned',
        '  executed, ppc64: bar_probe() on 18 paths',
      ].join('\n'),
    )
  })

  it('only counts kept findings, and shows all of them on request', () => {
    const kept = document(patch({ findings: [finding({ status: 'kept' })] }))
    expect(checkReport(kept, 'text', plain)).toContain('unchanged: 1 finding, 1 error among them (--kept')
    expect(checkReport(kept, 'text', plain)).not.toContain('path: 130')
    expect(checkReport(kept, 'text', { ...plain, kept: true })).toContain('path: 130')
  })

  it('without findings never claims that a patch is correct', () => {
    for (const format of ['text', 'md', 'mail'] as const) {
      const report = checkReport(document(patch({})), format, plain)
      expect(report).toContain('nothing found on the explored paths')
      expect(report).not.toMatch(/\b(?:correct|clean|fine|no errors)\b/)
    }
  })

  it('shows exhausted budgets, forced symbols, and approximate results', () => {
    const run = {
      name: 'baz',
      configuration: 'arm',
      forced: ['CONFIG_OF'],
      complete: false,
      approximate: true,
    }
    const functions = [{ file: 'drivers/foo.c', paths: 1400, ...run }]
    expect(checkReport(document(patch({ functions })), 'text', plain)).toContain(
      'executed, arm with CONFIG_OF forced: baz() on 1400 paths (not all, approximate)',
    )
  })

  it('as a mail has at most 35 lines of 76 columns, and the path that proves the first finding', () => {
    const many = Array.from({ length: 40 }, (_, i) => finding({ function: `probe_${i}` }))
    const mail = checkReport(document(patch({ findings: many })), 'mail', plain)
    const lines = mail.trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(35)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(76)
    expect(mail.replaceAll(/\s+/g, ' ')).toContain('of_get_property() == NULL -> 141 kzalloc() != NULL')
    expect(mail).toMatch(/\(\d+ more entries, see the full report\)/)
  })

  it('as JSON matches the schema', () => {
    const given = document(patch({ findings: [finding({})] }))
    expect(checkDocument.parse(JSON.parse(checkReport(given, 'json', plain)))).toEqual(given)
  })

  it('as JUnit fails only for introduced errors', () => {
    const of = (given: Partial<CheckedFinding>): string =>
      checkReport(document(patch({ findings: [finding(given)] })), 'junit', plain)
    expect(of({})).toContain('<failure type="leak"')
    expect(of({ status: 'kept' })).not.toContain('<failure')
    expect(of({ severity: 'question' })).not.toContain('<failure')
    expect(
      checkReport(document(patch({ state: 'conflict', functions: [], reason: 'hunk 1' })), 'junit', plain),
    ).toContain('<error type="conflict" message="hunk 1"')
    expect(
      checkReport(document(patch({ state: 'stopped', functions: [], reason: 'SIGKILL' })), 'junit', plain),
    ).toContain('<error type="stopped" message="SIGKILL"')
  })

  it('shows no control characters from a patch', () => {
    const evil = document(
      patch({ title: 'evil \u001b[31m\u202e', findings: [finding({ message: 'a\u0007b' })] }),
    )
    for (const format of checkFormats) {
      // In JSON, these characters appear as escapes.
      expect(checkReport(evil, format, plain)).not.toMatch(/[\u0007\u001b\u202e]/)
    }
  })
})

describe('results of shards', () => {
  const shard = (index: number, of: number, ...titles: string[]): NamedDocument => ({
    name: `${index}.json`,
    document: { ...document(...titles.map((title) => patch({ title }))), shard: { index, of } },
  })

  it('are merged in the order in which a single command checks, whatever the order of the files', () => {
    const merged = mergeCheckDocuments([shard(2, 2, 'b', 'd'), shard(1, 2, 'a', 'c', 'e')])
    expect(merged.patches.map(({ title }) => title)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(merged.shard).toBeUndefined()
    expect(checkDocument.parse(merged)).toEqual(merged)
  })

  it('are rejected if a shard is missing, duplicated, or of another kernel', () => {
    expect(() => mergeCheckDocuments([shard(1, 3), shard(3, 3)])).toThrow('shard 2 of 3 is missing')
    expect(() => mergeCheckDocuments([shard(1, 2), shard(1, 2)])).toThrow('it is shard 1 of 2, as')
    expect(() => mergeCheckDocuments([shard(1, 2), shard(2, 3)])).toThrow('it is a shard of 3')
    const other = shard(2, 2)
    const odd = { ...other, document: { ...other.document, kernel: '5.10' } }
    expect(() => mergeCheckDocuments([shard(1, 2), odd])).toThrow('2.json: its kernel is 5.10')
    expect(() => mergeCheckDocuments([])).toThrow('no document')
  })

  it('are distinguished from other JSON', () => {
    expect(isCheckDocument(document())).toBe(true)
    expect(isCheckDocument({ variants: [], cells: [] })).toBe(false)
    expect(() => parseCheckDocument({ patches: 1 }, 'x.json')).toThrow(
      'x.json: this is not a result of pfo check',
    )
  })
})

describe('the exit code', () => {
  const introduced = document(patch({ findings: [finding({})] }))
  const kept = document(patch({ findings: [finding({ status: 'kept' })] }))
  const question = document(patch({ findings: [finding({ severity: 'question' })] }))
  const conflict = patch({ state: 'conflict', functions: [] })

  it('is 0 unless a condition is given', () => {
    expect(checkExitCode(introduced, 'never')).toBe(0)
  })

  it('is 1 for introduced errors, and for kept ones if these count', () => {
    expect(checkExitCode(introduced, 'introduced')).toBe(1)
    expect(checkExitCode(kept, 'introduced')).toBe(0)
    expect(checkExitCode(kept, 'any')).toBe(1)
    expect(checkExitCode(question, 'any')).toBe(0)
  })

  it('is 1 for a patch that could not be judged, and 2 if none could', () => {
    expect(checkExitCode(document(conflict, patch({})), 'introduced')).toBe(1)
    expect(checkExitCode(document(conflict), 'never')).toBe(2)
    expect(checkExitCode(document(), 'any')).toBe(0)
    const stopped = patch({ state: 'stopped', functions: [] })
    expect(checkExitCode(document(stopped, patch({})), 'introduced')).toBe(1)
    expect(checkExitCode(document(stopped), 'introduced')).toBe(2)
    const nothing = patch({ state: 'nothing-to-execute', functions: [] })
    expect(checkExitCode(document(nothing), 'introduced')).toBe(0)
  })
})
