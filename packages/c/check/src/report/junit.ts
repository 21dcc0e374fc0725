// SPDX-License-Identifier: GPL-2.0-only
import { createRequire } from 'node:module'
import type * as XmlBuilder from 'xmlbuilder2'
import { isUnjudged, type CheckDocument, type CheckedFinding } from './document.ts'
import { pathText } from './lines.ts'
import { printableDocument } from './printable.ts'

/** Loads the builder at the first use: loading takes a fifth of a second, and most commands print no XML. */
function loadBuilder(): typeof XmlBuilder {
  return createRequire(import.meta.url)('xmlbuilder2') as typeof XmlBuilder
}

/** A test fails for an error that the patch introduces, or that is present in a file without a patch. */
function isFailure({ severity, status }: CheckedFinding): boolean {
  return severity === 'error' && (status === 'introduced' || status === 'present')
}

/** The result as JUnit XML: a test suite per patch, a test case per function. It contains no times. */
export function toJunit(document: CheckDocument): string {
  const { kernel, patches } = printableDocument(document)
  const xml = loadBuilder().create({ version: '1.0', encoding: 'UTF-8' })
  const suites = xml.ele('testsuites', { name: `pfo check, Linux ${kernel}` })
  for (const patch of patches) {
    const names = new Set(
      [...patch.functions, ...patch.findings.map((finding) => ({ ...finding, name: finding.function }))].map(
        ({ file, name }) => `${file} ${name}`,
      ),
    )
    const failures = patch.findings.filter(isFailure)
    const suite = suites.ele('testsuite', {
      name: patch.title,
      tests: String(Math.max(names.size, 1)),
      failures: String(new Set(failures.map(({ file, function: name }) => `${file} ${name}`)).size),
      errors: isUnjudged(patch) ? '1' : '0',
      skipped: names.size === 0 && !isUnjudged(patch) ? '1' : '0',
    })
    for (const key of names) {
      const [file = '', name = ''] = key.split(' ')
      const test = suite.ele('testcase', { classname: file, name })
      for (const finding of failures) {
        if (finding.file !== file || finding.function !== name) continue
        test
          .ele('failure', { type: finding.rule, message: finding.message })
          .txt(`${finding.file}:${finding.line}\n${pathText(finding)}`)
      }
    }
    if (names.size > 0) continue
    const test = suite.ele('testcase', { classname: patch.id, name: patch.title })
    const message = patch.reason ?? patch.state
    if (isUnjudged(patch)) test.ele('error', { type: patch.state, message }).txt(patch.diagnostics ?? message)
    else test.ele('skipped', { message })
  }
  return `${xml.end({ prettyPrint: true }).replaceAll(/[\ufffe\uffff]/g, '?')}\n`
}
