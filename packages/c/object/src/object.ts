// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import { layoutSchema, layoutTypeSchema } from './layout.ts'
import { signatureSchema } from './signature.ts'

const text = z.string()
const texts = z.array(text).readonly()
const integer = z.int()
const integers = z.array(integer).readonly()

const linkageSchema = z.enum(['global', 'local', 'weak', 'fallback'])

/**
 * Linkage of a definition, which decides among definitions of one name. `fallback` is an inline function that another
 * file should define.
 */
export type SymbolLinkage = z.output<typeof linkageSchema>

const functionSchema = z
  .strictObject({
    name: text,
    linkage: linkageSchema,
    /** Index in `signatures`. */
    signature: integer,
    variadic: z.boolean(),
    /** Declared `inline`, or inlined by an attribute. */
    inline: z.boolean(),
    file: text,
    line: integer,
    /** Offset of the body in the object's code. */
    start: integer,
    size: integer,
    /** Flat groups of four: offset in the body, index of the kind in `relocationKinds`, index, addend. */
    relocations: integers,
    /** Flat groups of three: line, index in `files`, index in `allocations` or -1. */
    lines: integers,
  })
  .readonly()

/** A function of an object. */
export type ObjectFunction = z.output<typeof functionSchema>

const dataRelocationSchema = z
  .strictObject({
    offset: integer,
    /** Size of the value, in bytes. */
    size: integer,
    symbol: text,
    minus: text.nullable(),
    addend: integer,
  })
  .readonly()

/** An address in initial data: the address of `symbol`, minus the address of `minus` if set, plus `addend`. */
export type DataRelocation = z.output<typeof dataRelocationSchema>

const dataSchema = z
  .strictObject({
    name: text,
    linkage: linkageSchema,
    section: text.nullable(),
    size: integer,
    alignment: integer,
    /** Offset of its bytes in the object's data; null if all are zero. */
    start: integer.nullable(),
    relocations: z.array(dataRelocationSchema).readonly(),
    type: layoutTypeSchema.nullable(),
    /** Reason why the initial value differs from the source, or null. */
    problem: text.nullable(),
  })
  .readonly()

/** A variable at file scope. */
export type ObjectData = z.output<typeof dataSchema>

const aliasSchema = z
  .strictObject({
    name: text,
    linkage: linkageSchema,
    target: text,
    addend: integer,
  })
  .readonly()

/** An alias of a symbol. */
export type ObjectAlias = z.output<typeof aliasSchema>

const externalFunctionSchema = z
  .strictObject({
    name: text,
    signature: integer,
    variadic: z.boolean(),
    /** True if the address of the symbol is 0 when no object defines it. */
    weak: z.boolean(),
  })
  .readonly()

/** An undefined function that the object uses. */
export type ExternalFunction = z.output<typeof externalFunctionSchema>

const externalDataSchema = z
  .strictObject({
    name: text,
    size: integer,
    alignment: integer,
    weak: z.boolean(),
    type: layoutTypeSchema.nullable(),
  })
  .readonly()

/** An undefined variable that the object uses. */
export type ExternalData = z.output<typeof externalDataSchema>

const initcallSchema = z
  .strictObject({
    /** `early`, `0`, `0s`, ... `7s`, `rootfs`, `con`. */
    level: text,
    function: text,
  })
  .readonly()

/** A function that runs at boot. */
export type ObjectInitcall = z.output<typeof initcallSchema>

const untranslatedSchema = z
  .strictObject({
    function: text,
    line: integer,
    reason: text,
  })
  .readonly()

/** Code that could not be translated. */
export type ObjectUntranslated = z.output<typeof untranslatedSchema>

const probeSchema = z
  .strictObject({
    function: text,
    file: text,
    /** Source lines of the block. */
    lines: integers,
  })
  .readonly()

/** A basic block that records that it ran. */
export type ObjectProbe = z.output<typeof probeSchema>

const stackVariableSchema = z
  .strictObject({
    function: text,
    name: text,
    size: integer,
  })
  .readonly()

/** A stack variable with redzones. */
export type ObjectStackVariable = z.output<typeof stackVariableSchema>

/** Schema of {@link ObjectHeader}. */
export const objectHeaderSchema = z
  .strictObject({
    format: z.literal(2),
    /** Path of the source file. */
    file: text,
    /** Name of the loadable module that the file belongs to, or null. */
    module: text.nullable(),
    /** True if the target is big-endian. */
    bigEndian: z.boolean(),
    signatures: z.array(signatureSchema).readonly(),
    /** Symbol names for relocations. */
    symbols: texts,
    /** Names of the runtime functions and helpers that relocations refer to. */
    runtime: texts,
    files: texts,
    /** Names of the structures that calls allocate. */
    allocations: texts,
    functions: z.array(functionSchema).readonly(),
    data: z.array(dataSchema).readonly(),
    aliases: z.array(aliasSchema).readonly(),
    externalFunctions: z.array(externalFunctionSchema).readonly(),
    externalData: z.array(externalDataSchema).readonly(),
    initcalls: z.array(initcallSchema).readonly(),
    untranslated: z.array(untranslatedSchema).readonly(),
    probes: z.array(probeSchema).readonly(),
    stackVariables: z.array(stackVariableSchema).readonly(),
    /** Functions whose indirect calls are watched. */
    watches: texts,
    layouts: z.record(text, layoutSchema).readonly(),
    /** Distinct pieces of inline assembler. */
    assembler: texts,
    /** Parts of the IR that were skipped because they could not be parsed. */
    problems: texts,
  })
  .readonly()

/** The object without its bytes; serialized as JSON. */
export type ObjectHeader = z.output<typeof objectHeaderSchema>

/** A translated file: the input of the linker. */
export interface ObjectFile extends ObjectHeader {
  /** Function bodies with locals, without size prefixes. */
  readonly code: Uint8Array
  /** Initial bytes of variables. */
  readonly bytes: Uint8Array
}
