// SPDX-License-Identifier: GPL-2.0-only
import {
  checkExitCode,
  checkFailOn,
  checkFormats,
  checkReport,
  isCheckDocument,
  mergeCheckDocuments,
  parseCheckDocument,
} from '@pfo-workbench/check'
import { UsageError } from '../usage-error.ts'
import { writeReport, wantsColor } from '../output.ts'
import type { DocumentFile, ReportArguments } from '../report-arguments.ts'

/** True if the file is a document of `pfo check --format json`. */
export function isCheck({ data }: DocumentFile): boolean {
  return isCheckDocument(data)
}

/**
 * Makes a report of checks. Merges the shards of one check.
 *
 * @param texts - all documents on the command line
 * @param checks - the documents of checks among them
 * @returns the exit code
 * @throws UsageError if another document is not a check, or for an option that checks do not have
 * @throws CheckError if a document is invalid, or if the documents do not belong together
 */
export async function reportOfChecks(
  texts: readonly DocumentFile[],
  checks: readonly DocumentFile[],
  { format, output, full = false, kept = false, failOn }: ReportArguments,
): Promise<number> {
  const [first] = checks
  const other = texts.find((document) => !checks.includes(document))
  if (first !== undefined && other !== undefined) {
    throw new UsageError(
      `${first.name} is the result of "pfo check", ${other.name} is not: documents of different kinds cannot be merged`,
    )
  }
  const checkFormat = checkFormats.find((known) => known === format)
  if (checkFormat === undefined)
    throw new UsageError(`--format ${format}: a check is printed as ${checkFormats.join(', ')}`)
  const condition = checkFailOn.find((known) => known === failOn)
  if (condition === undefined)
    throw new UsageError(`--fail-on ${failOn}: accepted for a check: ${checkFailOn.join(', ')}`)
  if (full) throw new UsageError('--full is for comparisons; for checks, --kept shows the unchanged findings')
  const document = mergeCheckDocuments(
    checks.map(({ name, data }) => ({ name, document: parseCheckDocument(data, name) })),
  )
  const color = output === undefined && wantsColor(process.stdout, process.env)
  await writeReport(checkReport(document, checkFormat, { kept, color }), output)
  return checkExitCode(document, condition)
}
