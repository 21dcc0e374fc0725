// SPDX-License-Identifier: GPL-2.0-only
import { messageOf } from '@pfo-workbench/errors'
import * as z from 'zod'
import { CheckError } from '../error.ts'
import { deviceContracts } from './device.ts'
import { fwnodeContracts } from './fwnode.ts'
import { neutralContracts } from './neutral.ts'
import { ofContracts } from './of.ts'
import { pciContracts } from './pci.ts'
import { contractFile, type ClassContract, type ContractFile, type FunctionContract } from './schema.ts'

/** Size limit of a contract file, in characters. */
const largestFile = 1_000_000

/** All contracts: the shipped ones and those of the user, which override them. */
export class ContractTable {
  private readonly functionsByName: ReadonlyMap<string, FunctionContract>
  private readonly classesByName: ReadonlyMap<string, ClassContract>
  private readonly fieldsByName: ReadonlyMap<string, ContractFile['fields'][string]>

  /**
   * @param files - later files replace entries of earlier ones
   * @throws CheckError if an entry names an unknown class, or if a contract lacks the class that it needs
   */
  constructor(files: readonly ContractFile[]) {
    const functions = new Map<string, FunctionContract>()
    const classes = new Map<string, ClassContract>()
    const fields = new Map<string, ContractFile['fields'][string]>()
    for (const file of files) {
      for (const [name, entry] of Object.entries(file.classes)) classes.set(name, entry)
      for (const [name, entry] of Object.entries(file.functions)) functions.set(name, entry)
      for (const [name, entry] of Object.entries(file.fields)) fields.set(name, entry)
    }
    const known = [...classes.keys()].join(', ')
    const mustBeKnown = (name: string | undefined, where: string): void => {
      if (name === undefined || classes.has(name)) return
      throw new CheckError('bad-contracts', `${where}: there is no class '${name}'. Known classes: ${known}.`)
    }
    for (const [name, entry] of functions) mustBeKnown(entry.class, `contract of ${name}()`)
    for (const [name, entry] of classes) mustBeKnown(entry.sameAs, `class ${name}`)
    for (const [name, entry] of fields) mustBeKnown(entry.class, `field ${name}`)
    for (const [name, entry] of functions) {
      const counts =
        entry.takes ??
        entry.begins ??
        entry.drops ??
        entry.fills ??
        entry.empties ??
        entry.cursor ??
        entry.onSuccess?.takes ??
        entry.onSuccess?.fills
      if ((counts !== undefined || entry.returns === 'reference') && entry.class === undefined) {
        throw new CheckError(
          'bad-contracts',
          `contract of ${name}(): it takes or drops references and so needs a "class". Known classes: ${known}.`,
        )
      }
    }
    this.functionsByName = functions
    this.classesByName = classes
    this.fieldsByName = fields
  }

  /** The contract of a function; undefined if there is none. */
  function(name: string): FunctionContract | undefined {
    return this.functionsByName.get(name)
  }

  /** All functions with a contract. */
  functions(): ReadonlyMap<string, FunctionContract> {
    return this.functionsByName
  }

  /**
   * The class under which references of a class are counted: `of_node` for `fwnode`; for most classes, the class
   * itself.
   */
  countedClass(name: string): string {
    return this.classesByName.get(name)?.sameAs ?? name
  }

  /** The declaration of a class; undefined if there is no such class. */
  class(name: string): ClassContract | undefined {
    return this.classesByName.get(name)
  }

  /** Names of all classes. */
  classNames(): readonly string[] {
    return [...this.classesByName.keys()]
  }

  /** The owner that drops the reference in a field (`device.of_node`); null if unknown. */
  droppedBy(field: string): 'structure' | 'storer' | null {
    return this.fieldsByName.get(field)?.droppedBy ?? null
  }

  /** Functions that drop the reference in a field on behalf of its storer. */
  droppersOf(field: string): readonly string[] {
    return this.fieldsByName.get(field)?.droppers ?? []
  }

  /** Names of the classes that are checked by default. */
  defaultClasses(): ReadonlySet<string> {
    return new Set([...this.classesByName].filter(([, entry]) => entry.default).map(([name]) => name))
  }

  /** True if a call of the function takes, drops, returns or hands over a reference. */
  counts(name: string): boolean {
    const entry = this.functionsByName.get(name)
    return (
      (entry?.class !== undefined &&
        (entry.returns === undefined || typeof entry.returns === 'string' || 'argument' in entry.returns)) ||
      entry?.onSuccess?.handsOver !== undefined ||
      entry?.handsOver !== undefined
    )
  }
}

/**
 * Parses a contract file.
 *
 * @param text - JSON according to the schema.
 * @param name - the name of the file in messages.
 * @throws CheckError `bad-contracts` if the text is too large, is not JSON, or violates the schema. The message names
 * the bad entry and the accepted values.
 */
export function parseContracts(text: string, name: string): ContractFile {
  if (text.length > largestFile) {
    throw new CheckError('bad-contracts', `${name}: the file is larger than ${largestFile} characters.`)
  }
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw new CheckError('bad-contracts', `${name}: this is not JSON: ${messageOf(error)}`)
  }
  const result = contractFile.safeParse(data)
  if (!result.success) {
    throw new CheckError('bad-contracts', `${name}:\n${z.prettifyError(result.error)}`)
  }
  return result.data
}

const shippedFiles = [neutralContracts, ofContracts, fwnodeContracts, deviceContracts, pciContracts].map(
  (file) => contractFile.parse(file),
)

/**
 * The shipped contracts, overridden by those of the user.
 *
 * @throws CheckError `bad-contracts` as the constructor of `ContractTable` does
 */
export function contractsWith(files: readonly ContractFile[] = []): ContractTable {
  return new ContractTable([...shippedFiles, ...files])
}
