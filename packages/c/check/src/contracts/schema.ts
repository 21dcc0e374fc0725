// SPDX-License-Identifier: GPL-2.0-only
import * as z from 'zod'

const argument = z.int().min(0).max(31)
const argumentList = z.array(argument).max(8)
const className = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,31}$/, 'a class name may have only lower-case letters, digits and _')
const functionName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'this is not the name of a C function')

const returned = z.union([
  /** A counted object with one reference that the caller now owns. After a failure: the result that `failure` says. */
  z.literal('reference'),
  /** 0, or a negative error number. */
  z.literal('errno'),
  /** The same pointer as an argument. */
  z.strictObject({ argument }),
  /** NULL, or a pointer to data that lives as long as the counted object of an argument. */
  z.strictObject({ dataOf: argument }),
  /** Always the same number. */
  z.strictObject({ constant: z.int() }),
])

/**
 * A pointer in a structure that an argument points to. A contract names the pointer by its byte offset, or by its field
 * if the offset depends on the pointer size.
 */
const place = z.strictObject({
  argument,
  offset: z.int().min(0).max(65535).default(0),
  /** `structure.field`, such as `of_phandle_iterator.node`. Replaces the offset. */
  field: z
    .string()
    .regex(/^\w+\.\w+$/, 'a field is named structure.field')
    .optional(),
})

/**
 * Effect of a call on references, as seen by its caller. Numbers are argument positions, from 0. NULL is allowed in
 * place of an object and has no effect.
 */
const functionContract = z.strictObject({
  /** The class of the objects whose references are taken or dropped. */
  class: className.optional(),
  /** Arguments that gain a reference. */
  takes: argumentList.optional(),
  /** Arguments whose count is initialized to one reference. The caller owns it. */
  begins: argumentList.optional(),
  /** Arguments that lose a reference. */
  drops: argumentList.optional(),
  /** Pointers that hold a reference afterwards, or are NULL. */
  fills: z.array(place).max(4).optional(),
  /** Pointers whose reference is dropped and which are then set to NULL. */
  empties: z.array(place).max(4).optional(),
  /** The argument that is the cursor of an iteration. The callee drops it, so the caller must not drop it first. */
  cursor: argument.optional(),
  returns: returned.optional(),
  /**
   * The result by which a function that returns a reference reports failure: NULL (the default), an error pointer, or
   * either of them; `never` if it cannot fail.
   */
  failure: z.enum(['null', 'error', 'null-or-error', 'never']).optional(),
  /** Arguments whose reference passes to the callee, or to a structure in which the callee stores them. */
  handsOver: argumentList.optional(),
  /** Effects that happen only if the function returns 0. */
  onSuccess: z
    .strictObject({
      takes: argumentList.optional(),
      /** Pointers that hold a reference afterwards. */
      fills: z.array(place).max(4).optional(),
      /** Arguments whose reference passes to the callee, which drops it later. */
      handsOver: argumentList.optional(),
      /** Arguments on which the callee holds a reference of its own. A use after the caller's drop is then no fault. */
      holds: argumentList.optional(),
    })
    .optional(),
  /** Arguments whose memory is freed, whatever their reference counts are. */
  frees: argumentList.optional(),
  /**
   * The argument that is the match function of a search. If the file defines that function, the function has checked
   * the found object: a later comparison of the object's `device.type` with an address then counts as equal.
   */
  matchedBy: argument.optional(),
  /** True if the function implements the counting, so that the checker must not judge its body. */
  counts: z.literal(true).optional(),
  /** The call never returns. */
  noReturn: z.boolean().optional(),
})

const classContract = z.strictObject({
  /** The name of one object in reports: `node`, `device`. */
  title: z.string().min(1).max(40),
  /** The function that drops a reference, for reports. */
  drop: functionName,
  /** Another class that counts the same references: a `fwnode_handle` embedded in a `device_node`. */
  sameAs: className.optional(),
  /**
   * True if some functions take a reference to keep an object in use after they return, and other functions drop it:
   * open and release. A reference that is taken on an object from outside and never dropped is then only a question.
   */
  heldOpen: z.boolean().optional(),
  /**
   * True if errors of this class in unpatched code are shown only as questions, because the class has not yet proved
   * accurate there. Errors that a patch fixes or introduces remain errors.
   */
  unproven: z.literal(true).optional(),
  /** True if the findings of this class are shown when the user selects no classes. */
  default: z.boolean(),
})

const fieldContract = z.strictObject({
  class: className,
  /**
   * The owner that drops the reference in the field. `structure`: only the release function of the structure. `storer`:
   * the code that stored the reference; the subsystem of the structure takes and drops none.
   */
  droppedBy: z.enum(['structure', 'storer']),
  /** Functions of other files that drop the reference when the storer calls them. */
  droppers: z.array(functionName).max(16).optional(),
})

/** A file of contracts: the effects of functions on the references of counted objects. */
export const contractFile = z.strictObject({
  schemaVersion: z.literal(1),
  classes: z.record(className, classContract).default({}),
  functions: z.record(functionName, functionContract).default({}),
  /** Keyed by `structure.field`, such as `device.of_node`. */
  fields: z.record(z.string().regex(/^\w+(\.\w+)+$/), fieldContract).default({}),
})

/** A validated contract file. */
export type ContractFile = z.infer<typeof contractFile>
/** A contract file as the user writes it, before validation. */
export type ContractFileInput = z.input<typeof contractFile>
/** Effect of a call on references. */
export type FunctionContract = z.infer<typeof functionContract>
/** A pointer in a structure that an argument points to. */
export type FilledPlace = z.infer<typeof place>
/** A kind of counted object. */
export type ClassContract = z.infer<typeof classContract>
