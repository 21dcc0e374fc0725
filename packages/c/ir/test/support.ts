// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseModule, type Instruction, type IrModule } from '../src/index.ts'

const folder = join(import.meta.dirname, 'fixtures')

/** Committed IR of `shapes.c` for several targets and versions of clang. */
export const fixtures = [
  'shapes.ppc64le.clang-16.ll',
  'shapes.ppc64le.clang-19.ll',
  'shapes.ppc.clang-19.ll',
  'shapes.arm.clang-19.ll',
] as const

export function fixtureText(name: string): string {
  return readFileSync(join(folder, name), 'utf8')
}

export function fixture(name: (typeof fixtures)[number]): IrModule {
  return parseModule(fixtureText(name))
}

/** Compiles `shapes.c`; null if that compiler is not installed. */
export function compileShapes(clang: string, target: string): string | null {
  if (spawnSync(clang, ['--version']).status !== 0) return null
  const flags = `--target=${target} -S -emit-llvm -O1 -Xclang -disable-llvm-passes -g -w`.split(' ')
  return execFileSync(clang, [...flags, '-fdebug-compilation-dir=/k', '-o', '-', 'shapes.c'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  })
}

/** The instructions of all blocks of a function. */
export function instructionsOf(module: IrModule, name: string): readonly Instruction[] {
  const body = module.functions.get(name)?.body()
  if (body === undefined || body === null) throw new Error(`no function ${name}`)
  return body.blocks.flatMap(({ instructions }) => instructions)
}

/** The instructions of a function with this opcode. */
export function only<O extends Instruction['opcode']>(
  module: IrModule,
  name: string,
  opcode: O,
): readonly Extract<Instruction, { opcode: O }>[] {
  return instructionsOf(module, name).filter(
    (instruction): instruction is Extract<Instruction, { opcode: O }> => instruction.opcode === opcode,
  )
}

/** A module with one function that has these lines. */
export function functionOf(lines: readonly string[], parameters = 'i32 %0, ptr %1'): IrModule {
  return parseModule(`define i32 @f(${parameters}) {\n${lines.map((line) => `  ${line}`).join('\n')}\n}\n`)
}
