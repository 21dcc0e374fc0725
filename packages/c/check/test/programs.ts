// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'

/** A statement about one node. Each `if` calls an unknown function of its own; `exit` returns. */
export type Statement =
  | { readonly kind: 'get' | 'put' | 'use' | 'exit' }
  | { readonly kind: 'if'; readonly then: readonly Statement[]; readonly otherwise: readonly Statement[] }

export const { program } = fc.letrec<{ statement: Statement; program: Statement[] }>((tie) => ({
  statement: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('get', 'put', 'use', 'exit' as const) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('if' as const),
        then: tie('program'),
        otherwise: tie('program'),
      }),
    },
  ),
  program: fc.array(tie('statement'), { maxLength: 4 }),
}))

/** A function that finds a node, runs a program, and drops the node at its end. */
export function irOfProgram(statements: readonly Statement[]): string {
  const lines: string[] = []
  let labels = 0
  let questions = 0
  const emit = (list: readonly Statement[]): void => {
    for (const statement of list) {
      switch (statement.kind) {
        case 'get':
          lines.push('  call ptr @of_node_get(ptr %np)')
          break
        case 'put':
          lines.push('  call void @of_node_put(ptr %np)')
          break
        case 'use':
          lines.push('  call i32 @setup(ptr %np)')
          break
        case 'exit':
          lines.push('  ret void', `unreached${++labels}:`)
          break
        case 'if': {
          const n = ++labels
          lines.push(`  %asked${n} = call i1 @ask${++questions}()`)
          lines.push(`  br i1 %asked${n}, label %then${n}, label %else${n}`, `then${n}:`)
          emit(statement.then)
          lines.push(`  br label %end${n}`, `else${n}:`)
          emit(statement.otherwise)
          lines.push(`  br label %end${n}`, `end${n}:`)
        }
      }
    }
  }
  emit(statements)
  return `target datalayout = "e-m:e-i64:64-n32:64"
declare ptr @of_find_node_by_path(ptr)
declare ptr @of_node_get(ptr)
declare void @of_node_put(ptr)
declare i32 @setup(ptr)
${Array.from({ length: questions }, (_, i) => `declare i1 @ask${i + 1}()`).join('\n')}
define void @generated() !dbg !3 {
  %np = call ptr @of_find_node_by_path(ptr null)
  %there = icmp ne ptr %np, null
  br i1 %there, label %found, label %out
found:
${lines.join('\n')}
  call void @of_node_put(ptr %np)
  br label %out
out:
  ret void
}
!2 = !DIFile(filename: "generated.c", directory: ".")
!3 = distinct !DISubprogram(name: "generated", file: !2, line: 1)
`
}
