// SPDX-License-Identifier: GPL-2.0-only
import { IrSyntaxError, Lexer, unescape } from './lexer.ts'
import { parseFunctionAttributes } from './parameters.ts'
import { TypeScope } from './scope.ts'
import { parseGlobalLine } from './global.ts'
import { parseFunctionHeader } from './function.ts'
import { parseFields } from './type.ts'
import { DataLayout } from '../data-layout.ts'
import { DebugInfo } from '../debug/debug-info.ts'
import { MetadataTable } from '../debug/metadata.ts'
import type { Alias, GlobalVariable, IrFunction, IrModule, ReadProblem } from '../module.ts'

/**
 * Parses textual LLVM IR from clang 16 to 22. Never throws for unknown text: `problems` lists lines at file scope that
 * could not be parsed, and an unknown instruction becomes `unknown`.
 */
export function parseModule(text: string): IrModule {
  const reader = new ModuleReader(text)
  reader.scan()
  return reader.finish()
}

interface Line {
  readonly start: number
  readonly end: number
}

/** Collects the lines at file scope first, because types and attributes may follow their users. */
class ModuleReader {
  private readonly text: string
  private readonly types = new TypeScope()
  private readonly attributeGroups = new Map<string, ReadonlyMap<string, string | null>>()
  private readonly structLines: Line[] = []
  private readonly attributeLines: Line[] = []
  private readonly globalLines: Line[] = []
  private readonly functions: { header: Line; body: Line | null }[] = []
  private readonly nodes: number[] = []
  private readonly namedNodes = new Map<string, number>()
  private readonly moduleAsm: string[] = []
  private readonly problems: ReadProblem[] = []
  private layout = ''
  private triple = ''
  private sourceFile = ''

  constructor(text: string) {
    this.text = text
  }

  scan(): void {
    const { text } = this
    let at = 0
    while (at < text.length) {
      const newline = text.indexOf('\n', at)
      const end = newline < 0 ? text.length : newline
      let next = end + 1
      switch (text[at]) {
        case '!':
          this.node(at, end)
          break
        case '@':
          this.globalLines.push({ start: at, end })
          break
        case '%':
          this.structLines.push({ start: at, end })
          break
        case 'd':
          if (text.startsWith('define ', at)) {
            const close = text.indexOf('\n}', end - 1)
            const bodyEnd = close < 0 ? text.length : close
            this.functions.push({
              header: { start: at, end },
              body: { start: Math.min(end + 1, bodyEnd), end: bodyEnd },
            })
            next = bodyEnd + 2
          } else if (text.startsWith('declare ', at)) {
            this.functions.push({ header: { start: at, end }, body: null })
          }
          break
        case 'a':
          if (text.startsWith('attributes ', at)) this.attributeLines.push({ start: at, end })
          break
        case 'm':
        case 's':
        case 't':
          this.fileProperty(text.slice(at, end))
          break
      }
      at = next
    }
  }

  finish(): IrModule {
    for (const line of this.structLines) this.attempt(line, (lexer) => this.struct(lexer))
    for (const line of this.attributeLines) this.attempt(line, (lexer) => this.attributeGroup(lexer))
    const globals = new Map<string, GlobalVariable>()
    const aliases = new Map<string, Alias>()
    for (const line of this.globalLines) {
      this.attempt(line, (lexer) => {
        const global = parseGlobalLine(lexer, this.types)
        if ('target' in global) aliases.set(global.name, global)
        else globals.set(global.name, global)
      })
    }
    const functions = new Map<string, IrFunction>()
    const scope = { types: this.types, attributeGroups: this.attributeGroups }
    for (const { header, body } of this.functions) {
      this.attempt(header, (lexer) => {
        const parsed = parseFunctionHeader(lexer, scope, body)
        functions.set(parsed.name, parsed)
      })
    }
    const metadata = new MetadataTable(this.text, this.nodes, this.namedNodes)
    return {
      sourceFile: this.sourceFile,
      triple: this.triple,
      dataLayout: new DataLayout(this.layout),
      structs: this.types.all(),
      globals,
      functions,
      aliases,
      moduleAsm: this.moduleAsm,
      metadata,
      debug: new DebugInfo(metadata),
      problems: this.problems,
    }
  }

  private attempt(line: Line, read: (lexer: Lexer) => void): void {
    try {
      read(new Lexer(this.text, line.start, line.end))
    } catch (error) {
      if (!(error instanceof IrSyntaxError)) throw error
      this.problems.push({ text: this.text.slice(line.start, line.end), reason: error.message })
    }
  }

  private node(start: number, end: number): void {
    const equals = this.text.indexOf(' = ', start)
    if (equals < 0 || equals > end) return
    const name = this.text.slice(start + 1, equals)
    const first = name.charCodeAt(0)
    if (first >= 48 && first <= 57) this.nodes[Number(name)] = equals + 3
    else this.namedNodes.set(name, equals + 3)
  }

  private fileProperty(line: string): void {
    const match = /^(?:target (datalayout|triple) =|(source_filename) =|(module asm)) "([^"]*)"/.exec(line)
    if (match === null) return
    const value = unescape(match[4] ?? '')
    if (match[1] === 'datalayout') this.layout = value
    else if (match[1] === 'triple') this.triple = value
    else if (match[2] !== undefined) this.sourceFile = value
    else this.moduleAsm.push(value)
  }

  private struct(lexer: Lexer): void {
    const name = lexer.take('local')
    lexer.expect('=')
    lexer.expect('type')
    if (lexer.accept('opaque')) {
      this.types.define(name, null, false)
      return
    }
    const packed = lexer.accept('<')
    this.types.define(name, parseFields(lexer, this.types), packed)
  }

  private attributeGroup(lexer: Lexer): void {
    lexer.expect('attributes')
    const group = lexer.take('group')
    lexer.expect('=')
    lexer.expect('{')
    this.attributeGroups.set(group, parseFunctionAttributes(lexer, this.attributeGroups))
    lexer.expect('}')
  }
}
