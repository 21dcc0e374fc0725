// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { validateXML } from 'xmllint-wasm'
import { toJunit } from '../src/index.ts'
import { cell, comparison, control, hostile, interacting, manyVariants, saying, variant } from './support.ts'

const schema = readFileSync(new URL('junit.xsd', import.meta.url), 'utf8')

/** Validates a document against the schema and returns the errors. */
async function faults(xml: string): Promise<unknown[]> {
  const { errors } = await validateXML({
    xml: [{ fileName: 'report.xml', contents: xml }],
    schema: [schema],
  })
  return [...errors]
}

const poisoned = {
  ...comparison,
  variants: [variant('baseline'), variant(`]]></testcase>&${hostile}\ufffe`, { title: hostile })],
  cells: [
    cell(`]]></testcase>&${hostile}\ufffe`, 'once', {
      console: [']]>', hostile, '\ufffe\uffff'],
      findings: [saying(`]]>${hostile}`, { status: 'introduced', subject: '"<&>' })],
    }),
  ],
}

describe('the JUnit report', () => {
  it('has a suite per variant and a case per scenario; an introduced finding fails its case', () => {
    expect(toJunit(comparison)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="Linux v4.18">
  <testsuite name="baseline" tests="2" failures="0" errors="0" skipped="0">
    <testcase classname="baseline" name="once"/>
    <testcase classname="baseline" name="twice">
      <system-out>Oops: 1</system-out>
    </testcase>
  </testsuite>
  <testsuite name="good" tests="2" failures="1" errors="0" skipped="0">
    <testcase classname="good" name="once"/>
    <testcase classname="good" name="twice">
      <failure type="oops" message="oops: f">it died</failure>
      <system-out>Oops: 7</system-out>
    </testcase>
  </testsuite>
  <testsuite name="bad" tests="2" failures="0" errors="2" skipped="0">
    <testcase classname="bad" name="once">
      <error type="conflict" message="conflict: of.ts: hunk 1 of 1">of.ts: hunk 1 of 1
does not apply</error>
    </testcase>
    <testcase classname="bad" name="twice">
      <error type="conflict" message="conflict: of.ts: hunk 1 of 1">of.ts: hunk 1 of 1
does not apply</error>
    </testcase>
  </testsuite>
  <testsuite name="idle" tests="2" failures="0" errors="0" skipped="2">
    <testcase classname="idle" name="once">
      <skipped message="not exercised: its changed statement ran in no scenario"/>
    </testcase>
    <testcase classname="idle" name="twice">
      <skipped message="not exercised: its changed statement ran in no scenario"/>
    </testcase>
  </testsuite>
</testsuites>
`)
  })

  it.each([
    ['a comparison', comparison],
    ['one with interactions', interacting],
    ['one of many variants', manyVariants],
    ['one with hostile texts', poisoned],
  ])('is valid: %s', async (_, one) => {
    expect(await faults(toJunit(one))).toEqual([])
  })

  it('is really validated: a missing attribute is an error', async () => {
    expect(await faults(toJunit(comparison).replace(' errors="0"', ''))).not.toEqual([])
  })

  it('contains text from a patch only as text', () => {
    const xml = toJunit(poisoned)
    expect(xml).not.toMatch(control)
    expect(xml.match(/<\/testcase>/g)).toHaveLength(2 * poisoned.variants.length)
  })
})
