// SPDX-License-Identifier: GPL-2.0-only
import { decodeWord } from './decode.ts'
import type { AsmInstruction } from './instruction.ts'

/**
 * Target of a branch: an instruction by number, or a label operand of `asm goto`. The number after the last instruction
 * leaves the assembler.
 */
export type AsmTarget =
  | { readonly kind: 'instruction'; readonly index: number }
  | { readonly kind: 'operand'; readonly operand: number }

/** An entry of the bug table, as operand numbers; -1 if an operand is missing. */
interface BugEntry {
  readonly file: number
  readonly line: number
  readonly flags: number
}

/** A jump label. The key and the lowest bit of its address decide whether it jumps. */
interface JumpEntry {
  readonly key: number
  readonly target: AsmTarget
}

/** A parsed piece of inline assembler. */
export interface AsmProgram {
  /** Instructions of the text, followed by those of other sections, which only exceptions reach. */
  readonly instructions: readonly AsmInstruction[]
  /** Number of instructions in the text. Execution leaves the assembler after them. */
  readonly end: number
  /** Resolves a label reference such as `1b` in the instruction with number `from`. */
  target(reference: string, from: number): AsmTarget | null
  readonly exceptions: ReadonlyMap<number, AsmTarget>
  readonly bugs: ReadonlyMap<number, BugEntry>
  readonly jumps: ReadonlyMap<number, JumpEntry>
}

interface Label {
  readonly name: string
  /** Position among all statements. */
  readonly order: number
  readonly section: string
  /** Position among the section's instructions. */
  readonly index: number
}

interface AsmStatement {
  readonly order: number
  readonly text: string
}

const textSection = '.text'

/** Directives that add nothing to the text. */
const harmless = /^\.(?:align|balign|p2align|machine|type|size|globl|global|cfi_\w+|loc|file)\b/

/**
 * Parses inline assembler. Execution starts in `.text` and leaves at its end. Only exceptions reach the code in other
 * sections (fixups). Tables describe instructions. An instruction encoded as a number (`.long 0x7c0000a8 | ...`) is
 * decoded. An unknown instruction is kept with its unknown mnemonic.
 */
export function parseAsm(text: string): AsmProgram {
  const reader = new AsmReader()
  for (const statement of statementsOf(text)) reader.statement(statement)
  return reader.finish()
}

/** LLVM escapes a bar as `$|`, which is decoded, and a dollar as `$$`, which stays. A comment starts with `#`. */
function statementsOf(text: string): readonly string[] {
  return text
    .replace(/\$\|/g, '|')
    .split('\n')
    .flatMap((line) => line.replace(/#.*$/, '').split(';'))
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

class AsmReader {
  private section = textSection
  private previous = textSection
  private readonly stack: string[] = []
  private readonly code = new Map<string, { instruction: AsmInstruction; order: number }[]>([
    [textSection, []],
  ])
  private readonly tables = new Map<string, AsmStatement[]>()
  private readonly labels: Label[] = []
  private order = 0

  statement(text: string): void {
    this.order++
    let rest = text
    for (let match = labelPattern.exec(rest); match !== null; match = labelPattern.exec(rest)) {
      const index = this.code.get(this.section)?.length ?? 0
      this.labels.push({ name: match[1] ?? '', order: this.order, section: this.section, index })
      rest = rest.slice(match[0].length)
    }
    // Kernels write a statement after `.previous` on the same line, which assemblers accept.
    const previous = /^\.previous\b\s*/.exec(rest)
    if (previous !== null) {
      this.enter(this.previous)
      this.statement(rest.slice(previous[0].length))
      return
    }
    if (rest === '' || this.changesSection(rest)) return
    if (!isCode(this.section)) {
      const table = this.tables.get(this.section) ?? []
      table.push({ order: this.order, text: rest })
      this.tables.set(this.section, table)
      return
    }
    if (harmless.test(rest)) return
    const instruction = rest.startsWith('.') ? decodeWord(rest) : readInstruction(rest)
    const code = this.code.get(this.section) ?? []
    code.push({ instruction, order: this.order })
    this.code.set(this.section, code)
  }

  finish(): AsmProgram {
    const starts = new Map<string, number>()
    const instructions: AsmInstruction[] = []
    const orders: number[] = []
    for (const [section, code] of this.code) {
      starts.set(section, instructions.length)
      for (const { instruction, order } of code) {
        instructions.push(instruction)
        orders.push(order)
      }
    }
    const end = this.code.get(textSection)?.length ?? 0
    const resolve = (reference: string, order: number): AsmTarget | null => {
      const operand = /^\$\{(\d+):l\}$/.exec(reference)
      if (operand !== null) return { kind: 'operand', operand: Number(operand[1]) }
      const label = this.find(reference, order)
      const start = label === null ? undefined : starts.get(label.section)
      if (label === null || start === undefined) return null
      const leaves = label.section === textSection && label.index === end
      return { kind: 'instruction', index: leaves ? instructions.length : start + label.index }
    }
    const pairs = this.exceptionPairs(resolve)
    return {
      instructions,
      end,
      target: (reference, from) => resolve(reference, orders[from] ?? 0),
      exceptions: pairs,
      bugs: this.bugEntries(resolve),
      jumps: this.jumpEntries(resolve),
    }
  }

  private changesSection(text: string): boolean {
    const [, directive, name] =
      /^\.(section|pushsection|subsection|popsection|text)\b\s*"?([^",\s]*)/.exec(text) ?? []
    switch (directive) {
      case 'text':
        this.enter(textSection)
        return true
      case 'section':
      case 'subsection':
        this.enter(directive === 'section' ? (name ?? '') : `subsection ${name ?? ''}`)
        return true
      case 'pushsection':
        this.stack.push(this.section)
        this.enter(name ?? '')
        return true
      case 'popsection':
        this.enter(this.stack.pop() ?? textSection)
        return true
      default:
        return false
    }
  }

  private enter(section: string): void {
    this.previous = this.section
    this.section = section
  }

  /** `1b` is the last label 1 before a position, `1f` the first label 1 after the position. */
  private find(reference: string, order: number): Label | null {
    const local = /^(\d+)([bf])$/.exec(reference)
    const name = local?.[1] ?? reference
    const all = this.labels.filter((label) => label.name === name)
    if (local === null) return all[0] ?? null
    return (
      (local[2] === 'b'
        ? all.findLast((label) => label.order <= order)
        : all.find((label) => label.order > order)) ?? null
    )
  }

  private exceptionPairs(resolve: Resolve): ReadonlyMap<number, AsmTarget> {
    const pairs = new Map<number, AsmTarget>()
    const targets = (this.tables.get('__ex_table') ?? []).flatMap(({ text, order }) =>
      referencesOf(text).map((reference) => resolve(reference, order)),
    )
    for (let i = 0; i + 1 < targets.length; i += 2) {
      const [from, to] = [targets[i], targets[i + 1]]
      if (from?.kind === 'instruction' && to !== null && to !== undefined) pairs.set(from.index, to)
    }
    return pairs
  }

  /**
   * An entry consists of the address of the trap, file, line and flags. `.short` ends an entry: its operands are line
   * and flags, or only flags. The directives before `.short` hold the address and the file.
   */
  private bugEntries(resolve: Resolve): ReadonlyMap<number, BugEntry> {
    const bugs = new Map<number, BugEntry>()
    let trap: number | null = null
    let file = -1
    for (const { text, order } of this.tables.get('__bug_table') ?? []) {
      const operands = operandsOf(text)
      if (/^\.short\b/.test(text)) {
        if (trap !== null) {
          const [first = -1, second] = operands
          bugs.set(
            trap,
            second === undefined ? { file, line: -1, flags: first } : { file, line: first, flags: second },
          )
        }
        trap = null
        file = -1
      } else if (!text.startsWith('.org')) {
        for (const reference of referencesOf(text)) {
          const target = resolve(reference, order)
          if (target?.kind === 'instruction') trap = target.index
        }
        file = operands[0] ?? file
      }
    }
    return bugs
  }

  private jumpEntries(resolve: Resolve): ReadonlyMap<number, JumpEntry> {
    const jumps = new Map<number, JumpEntry>()
    const statements = this.tables.get('__jump_table') ?? []
    const targets = statements.flatMap(({ text, order }) =>
      referencesOf(text).map((it) => resolve(it, order)),
    )
    const keys = statements.flatMap(({ text }) => operandsOf(text))
    const [from, target] = targets
    const [key] = keys
    if (from?.kind === 'instruction' && target !== null && target !== undefined && key !== undefined) {
      jumps.set(from.index, { key, target })
    }
    return jumps
  }
}

type Resolve = (reference: string, order: number) => AsmTarget | null

const labelPattern = /^([A-Za-z_.]?[\w.]*):\s*/

function isCode(section: string): boolean {
  return section === textSection || section === '.fixup' || section.startsWith('.text.')
}

/** References to numbered labels and label operands in a directive. */
function referencesOf(text: string): readonly string[] {
  return text.match(/\$\{\d+:l\}|\b\d+[bf]\b/g) ?? []
}

/** Operand numbers in a directive, without label operands. */
function operandsOf(text: string): readonly number[] {
  return [...text.matchAll(/\$(?:(\d+)|\{(\d+)(?::[^l}])?\})/g)].map((match) => Number(match[1] ?? match[2]))
}

function readInstruction(text: string): AsmInstruction {
  // `lwz${1:U}${1:X} $0,$1` and `add${2:I}c`: the letters depend on the kind of the operand and have no effect here.
  const plain = text.replace(/^([a-z][a-z0-9.]*)((?:\$\{\d+:[A-Z]\})+)([a-z.]*)/, '$1$3')
  const match = /^([a-z][a-z0-9]*\.?)([+-]?)(?:\s+(.*))?$/.exec(plain)
  if (match === null) return { mnemonic: plain.split(/\s/)[0] ?? '', operands: [], text }
  const operands = (match[3] ?? '')
    .split(',')
    .map((operand) => operand.trim())
    .filter((operand) => operand !== '')
  return { mnemonic: match[1] ?? '', operands, text }
}
