// SPDX-License-Identifier: GPL-2.0-only
import { readInput } from '@pfo-workbench/patch/files'
import {
  DocumentError,
  mergeDocuments,
  mostOfDocument,
  readDocument,
  reports,
  type ReadDocument,
  type ReportFormat,
} from '@pfo-workbench/report'
import { exitCodeFor, screenFor, type FailOn } from './compare-command.ts'
import { UsageError } from './errors.ts'
import { checkWritable, putReport, showReport } from './output.ts'

export interface ReportArguments {
  readonly files: readonly string[]
  readonly format: ReportFormat
  readonly output?: string
  readonly full?: boolean
  readonly failOn: FailOn
}

/** Does something with documents; what is wrong with them is said of these files. */
function about<T>(files: readonly string[], work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof DocumentError)
      throw new UsageError(`${files.join(', ')}: ${cause.message}`, { cause })
    throw cause
  }
}

async function readFile(file: string): Promise<ReadDocument> {
  const bytes = await readInput(file, { most: mostOfDocument })
  if (bytes.length > mostOfDocument)
    throw new UsageError(
      `${file}: the document is too long: at most ${String(mostOfDocument)} bytes are read`,
    )
  return about([file], () => readDocument(Buffer.from(bytes).toString('utf8')))
}

/** `pfo report`: makes a report of comparisons that were made before. Returns the exit code. */
export async function reportCommand({
  files,
  format,
  output,
  full = false,
  failOn,
}: ReportArguments): Promise<number> {
  if (output !== undefined) await checkWritable(output)
  const [first, ...others] = await Promise.all(files.map(readFile))
  if (first === undefined)
    throw new UsageError('name the document of a comparison: what "pfo compare --format json" writes')
  const { comparison, options } = about(files, () => mergeDocuments([first, ...others]))
  const report = reports[format](comparison, {
    ...options,
    ...screenFor({ ...(output === undefined ? {} : { output }), full }),
  })
  if (full) await showReport(report, output)
  else await putReport(report, output)
  return exitCodeFor(comparison, failOn)
}
