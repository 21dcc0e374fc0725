// SPDX-License-Identifier: GPL-2.0-only
import {
  DocumentError,
  mergeDocuments,
  maxDocumentBytes,
  readDocument,
  readParsedDocument,
  reports,
  type ReadDocument,
} from '@pfo-workbench/report'
import { isCheck, reportOfChecks } from './check/report-of-checks.ts'
import { exitCodeFor, screenFor } from './compare-command.ts'
import { UsageError } from './usage-error.ts'
import { checkWritable, writeReport, showReport } from './output.ts'
import { readWithNotice } from './read-once.ts'
import type { DocumentFile, ReportArguments } from './report-arguments.ts'

/** Does work on documents. Turns a DocumentError into a UsageError that names the files. */
function about<T>(files: readonly string[], work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof DocumentError)
      throw new UsageError(`${files.join(', ')}: ${cause.message}`, { cause })
    throw cause
  }
}

async function readFile(file: string): Promise<DocumentFile> {
  const bytes = await readWithNotice(file, { maxBytes: maxDocumentBytes })
  if (bytes.length > maxDocumentBytes)
    throw new UsageError(
      `${file}: the document is too long: at most ${String(maxDocumentBytes)} bytes are read`,
    )
  const text = Buffer.from(bytes).toString('utf8')
  return { name: file, text, data: parsed(text) }
}

/** Parses JSON; returns null if the text is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** `pfo report`: makes a report of earlier comparisons or checks. Returns the exit code. */
export async function reportCommand(args: ReportArguments): Promise<number> {
  const { files, format, output, full = false, failOn } = args
  if (output !== undefined) await checkWritable(output)
  const texts = await Promise.all(files.map(readFile))
  const checks = texts.filter(isCheck)
  if (checks.length > 0) return reportOfChecks(texts, checks, args)
  const [first, ...others] = texts.map(({ name, text, data }): ReadDocument =>
    // `data` is null if the text is not JSON. `readDocument` parses the text again and throws an error that says why.
    about([name], () => (data === null ? readDocument(text) : readParsedDocument(data))),
  )
  if (first === undefined)
    throw new UsageError('name the document of a comparison, written by "pfo compare --format json"')
  const { comparison, options } = about(files, () => mergeDocuments([first, ...others]))
  const report = reports[format](comparison, {
    ...options,
    ...screenFor({ ...(output === undefined ? {} : { output }), full }),
  })
  if (full) await showReport(report, output)
  else await writeReport(report, output)
  return exitCodeFor(comparison, failOn)
}
