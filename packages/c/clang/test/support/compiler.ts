// SPDX-License-Identifier: GPL-2.0-only
import { ClangError, findClang, type Compiler } from '../../src/index.ts'

/** The compiler of this machine; null if there is none. */
export async function compilerHere(): Promise<Compiler | null> {
  try {
    return await findClang({ env: process.env })
  } catch (fault) {
    if (!(fault instanceof ClangError)) throw fault
    console.info(`Tests that compile are left out: ${fault.message}`)
    return null
  }
}
