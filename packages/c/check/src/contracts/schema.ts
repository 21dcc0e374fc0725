// SPDX-License-Identifier: GPL-2.0-only
import * as z from 'zod'

const argument = z.int().min(0).max(31)
const argumentList = z.array(argument).max(8)
const className = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,31}$/, 'a class is named by lower-case letters, digits and _')
const functionName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'this is no name of a C function')

const returned = z.union([
  /** A counted object with one reference that the caller now owns, or NULL. */
  z.literal('reference'),
  /** 0, or a negative error number. */
  z.literal('errno'),
  /** The same pointer as an argument. */
  z.strictObject({ argument }),
  /** A pointer to data that lives as long as the counted object of an argument, or NULL. */
  z.strictObject({ dataOf: argument }),
  /** Always the same number. */
  z.strictObject({ constant: z.int() }),
])

/** A pointer in a structure that an argument points to: by its byte offset, or by its name where the size of pointers decides. */
const place = z.strictObject({
  argument,
  offset: z.int().min(0).max(65535).default(0),
  /** `structure.field`, such as `of_phandle_iterator.node`; in place of the offset. */
  field: z
    .string()
    .regex(/^\w+\.\w+$/, 'a field is named structure.field')
    .optional(),
})

/**
 * What a call does to references, for its caller. Numbers are positions of arguments, from 0. NULL in place of an
 * object is allowed and does nothing.
 */
const functionContract = z.strictObject({
  /** The class of the objects whose references are taken or dropped. */
  class: className.optional(),
  /** Arguments that gain a reference. */
  takes: argumentList.optional(),
  /** Arguments whose count begins with one reference, which is the caller's. */
  begins: argumentList.optional(),
  /** Arguments that lose a reference. */
  drops: argumentList.optional(),
  /** Pointers that hold a reference afterwards, or are NULL. */
  fills: z.array(place).max(4).optional(),
  /** Pointers whose reference is dropped, and that are NULL afterwards. */
  empties: z.array(place).max(4).optional(),
  /** The argument that is the cursor of an iteration: dropped, and not to be dropped by the caller before. */
  cursor: argument.optional(),
  returns: returned.optional(),
  /** How a function that returns a reference fails: by NULL (the default), by an error pointer, or not at all. */
  failure: z.enum(['null', 'error', 'null-or-error', 'never']).optional(),
  /** Arguments whose reference passes to the callee, or to a structure that it stores them in. */
  handsOver: argumentList.optional(),
  /** What happens only if the function returns 0. */
  onSuccess: z
    .strictObject({
      takes: argumentList.optional(),
      /** Pointers that hold a reference afterwards. */
      fills: z.array(place).max(4).optional(),
      /** Arguments whose reference passes to the callee, who drops it later. */
      handsOver: argumentList.optional(),
      /** Arguments that the callee holds by a reference of its own: use after the caller's drop is no fault. */
      holds: argumentList.optional(),
    })
    .optional(),
  /** Arguments that are freed at once, whatever they hold. */
  frees: argumentList.optional(),
  /**
   * The argument that is the match function of a search. What it has accepted is of the type that the caller asks for
   * next, as long as it is a function of the file's own.
   */
  matchedBy: argument.optional(),
  /** Whether the function is part of the counting itself, so that its own body is not judged. */
  counts: z.literal(true).optional(),
  /** The call does not come back. */
  noReturn: z.boolean().optional(),
})

const classContract = z.strictObject({
  /** How a report names one object: `node`, `device`. */
  title: z.string().min(1).max(40),
  /** The function that drops a reference, for reports. */
  drop: functionName,
  /** Another class that counts the same references: a `fwnode_handle` inside a `device_node`. */
  sameAs: className.optional(),
  /**
   * Whether functions take a reference so that an object stays in use after they return, and others drop it: open and
   * release. A reference that is taken of an object from outside and not dropped is then a question.
   */
  heldOpen: z.boolean().optional(),
  /**
   * Whether what the class shows in code that no patch changes is only a question, because it has not been shown there to
   * be right often enough. What a patch fixes or introduces is an error.
   */
  unproven: z.literal(true).optional(),
  /** Whether findings of the class are shown unless a user chooses classes. */
  default: z.boolean(),
})

const fieldContract = z.strictObject({
  class: className,
  /**
   * Who drops the reference in the field: the release function of the structure and nobody else; or whoever stored it,
   * while the subsystem that the structure is of takes and drops none.
   */
  droppedBy: z.enum(['structure', 'storer']),
  /** Functions of other files that drop it for the storer who calls them. */
  droppers: z.array(functionName).max(16).optional(),
})

/** A file of contracts: what functions do to the references of counted objects. */
export const contractFile = z.strictObject({
  schemaVersion: z.literal(1),
  classes: z.record(className, classContract).default({}),
  functions: z.record(functionName, functionContract).default({}),
  /** Keyed by `structure.field`, such as `device.of_node`. */
  fields: z.record(z.string().regex(/^\w+(\.\w+)+$/), fieldContract).default({}),
})

/** A file of contracts after validation. */
export type ContractFile = z.infer<typeof contractFile>
/** A file of contracts as it is written. */
export type ContractFileInput = z.input<typeof contractFile>
/** What a call does to references. */
export type FunctionContract = z.infer<typeof functionContract>
/** A pointer in a structure that an argument points to. */
export type FilledPlace = z.infer<typeof place>
/** A kind of counted object. */
export type ClassContract = z.infer<typeof classContract>
