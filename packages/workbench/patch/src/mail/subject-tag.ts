// SPDX-License-Identifier: GPL-2.0-only

/** Content of the brackets in a subject: `[RFC PATCH net-next v3 2/5]`. */
export interface SubjectTag {
  /** The text in brackets without the number: the same for all patches of one version of a series. */
  readonly series: string
  /** Version of the series; 1 if the subject has none. */
  readonly version: number
  /** Number in the series, 0 for its cover letter; null for a single patch. */
  readonly number: number | null
  /** Patches in the series; null for a single patch. */
  readonly total: number | null
}

/** Returns the tag in the brackets of a subject, or null. Prefers brackets with a number: `[PATCH] [4.19 2/3] x`. */
export function readSubjectTag(subject: string): SubjectTag | null {
  let single: SubjectTag | null = null
  for (const [, text = ''] of subject.matchAll(/\[([^[\]]*)\]/g)) {
    const version = Number(/(?:\b|PATCH)v(\d{1,3})\b/i.exec(text)?.[1] ?? 1)
    const part = /(?<![\d/])(\d{1,4})\/(\d{1,4})/.exec(text)
    if (part !== null) {
      const [written, number = '', total = ''] = part
      const series = text.slice(0, part.index) + text.slice(part.index + written.length - total.length - 1)
      return { series, version, number: Number(number), total: Number(total) }
    }
    if (/PATCH|RFC/i.test(text)) single ??= { series: text, version, number: null, total: null }
  }
  return single
}
