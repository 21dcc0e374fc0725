// SPDX-License-Identifier: GPL-2.0-only
import type { PatchDiff, VariantSummary } from '@pfo-workbench/compare'

/** Header lines longer than this are folded. */
const foldAt = 76

/**
 * Formats a header field. Long fields are folded between words, in the form of RFC 5322. A single long word is not
 * broken.
 */
function field(name: string, value: string): string[] {
  const lines = [`${name}:`]
  for (const word of value.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line.trim() !== '' && line.length + word.length >= foldAt && line !== `${name}:`)
      lines.push(` ${word}`)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return lines
}

const reply = (subject: string): string => (/^re:/i.test(subject) ? subject : `Re: ${subject}`)

/** The first patch of a variant that came as a mail, or else its first patch; undefined if it has none. */
export function mailOf({ diffs }: VariantSummary): PatchDiff | undefined {
  return diffs.find(({ mail }) => mail !== null) ?? diffs[0]
}

/** Maximum number of Message-IDs in `References`: the first one of the thread, then the most recent ones. */
const namedReferences = 4

/**
 * Header of a reply to a patch, in the form that mailers accept (`mutt -H`, `git send-email`). For a patch that did not
 * come as a mail, the header names no recipient and no earlier mail.
 *
 * @param hasOtherLetters - true if the text is not pure ASCII; the header then declares UTF-8
 */
export function headerOf(patch: PatchDiff, hasOtherLetters: boolean): string[] {
  const { mail, subject } = patch
  const text = hasOtherLetters
    ? ['MIME-Version: 1.0', 'Content-Type: text/plain; charset=UTF-8', 'Content-Transfer-Encoding: 8bit']
    : []
  if (mail === null) return [...field('Subject', reply(subject)), ...text]
  const ids = [...mail.references, ...(mail.messageId === '' ? [] : [mail.messageId])]
  const references = [
    ...new Set(ids.length > namedReferences ? [ids[0] ?? '', ...ids.slice(1 - namedReferences)] : ids),
  ]
  return [
    ...(mail.from === '' ? [] : field('To', mail.from)),
    ...field('Subject', reply(mail.subject === '' ? subject : mail.subject)),
    ...(mail.messageId === '' ? [] : field('In-Reply-To', mail.messageId)),
    ...(references.length === 0 ? [] : field('References', references.join(' '))),
    ...text,
  ]
}

/** `On 5 Jul 2018, A wrote:`; empty if the author is unknown. */
export function attribution({ mail, author, date }: PatchDiff): string {
  const who = (mail?.from ?? author).replace(/\s*<[^<>]*>\s*$/, '').replace(/^"(.*)"$/, '$1')
  const when = mail?.date ?? date
  if (who === '') return ''
  return when === '' ? `${who} wrote:` : `On ${when}, ${who} wrote:`
}
