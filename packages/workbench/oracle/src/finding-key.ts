// SPDX-License-Identifier: GPL-2.0-only
// Apart from the schema: programs in the sandbox use this, and have no use for a parser.

/** The key of a finding. */
export function findingKey({
  oracle,
  subject,
}: {
  readonly oracle: string
  readonly subject: string
}): string {
  return `${oracle} ${subject}`
}
