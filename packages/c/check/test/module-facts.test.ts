// SPDX-License-Identifier: GPL-2.0-only
import { parseModule } from '@pfo-workbench/ir'
import { describe, expect, it } from 'vitest'
import { ModuleFacts } from '../src/explore/module-facts.ts'
import { contractsWith } from '../src/index.ts'

/** Two functions that call each other; the first also drops a reference. */
const mutual = `
target datalayout = "e-m:e-i64:64-n32:64"
target triple = "powerpc64le-unknown-linux-gnu"
declare void @of_node_put(ptr)
define void @drop(ptr %0) {
  call void @again(ptr %0)
  call void @of_node_put(ptr %0)
  ret void
}
define void @again(ptr %0) {
  call void @drop(ptr %0)
  ret void
}
define void @nothing(ptr %0) {
  call void @nothing(ptr %0)
  ret void
}
`

describe('functions that call each other', () => {
  it.each([[['drop', 'again']], [['again', 'drop']]])('both count references, asked for %s', (names) => {
    const facts = new ModuleFacts(parseModule(mutual), contractsWith())
    expect(names.map((name) => facts.countsReferences(name))).toEqual([true, true])
    expect(facts.countsReferences('nothing')).toBe(false)
  })
})
