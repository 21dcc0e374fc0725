// SPDX-License-Identifier: GPL-2.0-only
import type { JSX } from 'preact'

/** A long name, with the places where it may be broken. */
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
