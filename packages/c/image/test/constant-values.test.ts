// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { build, start } from './support/run.ts'

const head = `target datalayout = "e-m:e-i64:64-n32:64"
declare i1 @llvm.is.constant.i32(i32)
declare i1 @llvm.is.constant.i1(i1)
`

/** Asks LLVM's `is.constant` about the value `%r` that the code computes. `%a` is the function's argument, 7. */
function isConstant(code: string, type = 'i32'): boolean {
  const text = `${head}define i32 @f(i32 %a) {
entry:
${code.replaceAll(/^/gm, '  ')}
  %known = call i1 @llvm.is.constant.${type}(${type} %r)
  %result = zext i1 %known to i32
  ret i32 %result
}
`
  return start(build({ 'a.ll': text })).call('f', 7) === 1
}

const variable = '%v = alloca i32, align 4\n'

it.each([
  ['a variable with one constant', `${variable}store i32 5, ptr %v\n%r = load i32, ptr %v`],
  [
    'a calculation with such variables',
    `${variable}store i32 5, ptr %v\n%l = load i32, ptr %v\n%w = sext i32 %l to i64\n%s = shl i64 %w, 2\n%r = trunc i64 %s to i32`,
  ],
  [
    'a copy of such a variable',
    `${variable}%u = alloca i32\nstore i32 5, ptr %u\n%l = load i32, ptr %u\nstore i32 %l, ptr %v\n%r = load i32, ptr %v`,
  ],
])('%s is constant', (_what, code) => {
  expect(isConstant(code)).toBe(true)
})

it('a comparison of such a variable is constant', () => {
  expect(
    isConstant(`${variable}store i32 5, ptr %v\n%l = load i32, ptr %v\n%r = icmp sge i32 %l, 0`, 'i1'),
  ).toBe(true)
})

it.each([
  ['an argument', '%r = add i32 %a, 0'],
  ['a variable with an argument', `${variable}store i32 %a, ptr %v\n%r = load i32, ptr %v`],
  [
    'a variable that is assigned twice',
    `${variable}store i32 5, ptr %v\nstore i32 5, ptr %v\n%r = load i32, ptr %v`,
  ],
  ['a variable that is never assigned', `${variable}%r = load i32, ptr %v`],
  [
    'a variable whose address is passed on',
    `${variable}store i32 5, ptr %v\n%p = ptrtoint ptr %v to i64\n%r = load i32, ptr %v`,
  ],
  ['a volatile read', `${variable}store i32 5, ptr %v\n%r = load volatile i32, ptr %v`],
  [
    'a variable that depends on itself',
    `${variable}%l = load i32, ptr %v\n%n = add i32 %l, 1\nstore i32 %n, ptr %v\n%r = load i32, ptr %v`,
  ],
])('%s is not constant', (_what, code) => {
  expect(isConstant(code)).toBe(false)
})
