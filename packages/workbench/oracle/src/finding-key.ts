// SPDX-License-Identifier: GPL-2.0-only
// Separate from the schema: programs in the sandbox import this file and do not need zod.

/** The key of a finding. It is the same in every run that has the fault. */
export function findingKey({
  oracle,
  subject,
}: {
  readonly oracle: string
  readonly subject: string
}): string {
  return `${oracle} ${subject}`
}
