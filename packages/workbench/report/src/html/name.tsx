// SPDX-License-Identifier: GPL-2.0-only
import type { JSX } from 'preact'

/** Renders a name that can wrap before each `+`. */
export function Name({ text }: { readonly text: string }): JSX.Element {
  return (
    <>
      {text.split(/(?=\+)/).map((part, index) => (
        <>
          {index > 0 && <wbr />}
          {part}
        </>
      ))}
    </>
  )
}
