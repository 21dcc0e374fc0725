// SPDX-License-Identifier: GPL-2.0-only

/**
 * Splits clang's output into messages. A message starts with the lines `In file included from`, if there are any, and
 * includes the notes that follow.
 */
function messagesOf(diagnostics: string): string[] {
  const messages: string[] = []
  let current: string[] = []
  let hasHead = false
  const end = (): void => {
    if (current.length > 0) messages.push(current.join('\n'))
    current = []
    hasHead = false
  }
  for (const line of diagnostics.split('\n')) {
    if (/^\d+ (?:warning|error)s?(?: and \d+ errors?)? generated\.$/.test(line) || line === '') continue
    const isHead = /^[^\s:][^:]*:\d+:\d+: (?:fatal )?(?:warning|error): /.test(line)
    const isWayThere = line.startsWith('In file included from ')
    if ((isHead && hasHead) || (isWayThere && hasHead)) end()
    if (isHead) hasHead = true
    current.push(line)
  }
  end()
  return messages
}

/** Identifies a message without its source lines and line numbers, because patches change and move these. */
const keyOf = (message: string): string =>
  message
    .split('\n')
    .filter((line) => !/^ *\d* \|/.test(line))
    .join('\n')
    .replaceAll(/:\d+(?::\d+)?/g, '')

/**
 * Returns the messages in `after` that `before` does not contain, or contains fewer times.
 *
 * @param before - clang's output for the file without the patches; empty if there was none
 */
export function newMessages(before: string, after: string): string[] {
  const known = new Map<string, number>()
  for (const message of messagesOf(before)) known.set(keyOf(message), (known.get(keyOf(message)) ?? 0) + 1)
  return messagesOf(after).filter((message) => {
    const count = known.get(keyOf(message)) ?? 0
    known.set(keyOf(message), count - 1)
    return count <= 0
  })
}
