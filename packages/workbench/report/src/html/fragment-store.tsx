// SPDX-License-Identifier: GPL-2.0-only
import type { JSX } from 'preact'
import { render } from 'preact-render-to-string'
import { linkTo } from './anchors.ts'

/** Kind of a piece: content that many places of the page share, stored once in the page's data. */
export type FragmentKind =
  'findings' | 'evidence' | 'life' | 'hunk' | 'steps' | 'count' | 'tree' | 'console' | 'patch' | 'statements'

/** Kinds of pieces without a heading. When such a piece replaces its link, the link's text becomes the heading. */
const captioned: ReadonlySet<FragmentKind> = new Set<FragmentKind>(['steps', 'tree', 'console'])

/**
 * Stores the pieces of the page by content, because most cells share most of their content. Each piece is rendered
 * once. The page contains links, and the page's script replaces each link with its piece. A piece can contain links to
 * other pieces.
 *
 * Links are made by functions, not by components: Preact runs components only when the page is rendered, and by then
 * the store must be complete, because the page contains its pieces.
 */
export class FragmentStore {
  readonly #anchors = new Map<string, string>()
  readonly #pieces = new Map<string, string>()
  readonly #sizes = new Map<FragmentKind, number>()

  /**
   * Makes a link to a piece.
   *
   * @param key - identifies the content of the piece
   * @param text - text of the link
   * @param draw - renders the content; called for the first link with this key only
   */
  link(kind: FragmentKind, key: unknown, text: string, draw: () => JSX.Element): JSX.Element {
    return (
      <a href={linkTo(this.#anchorOf(kind, key, draw))} data-piece={captioned.has(kind) ? 'captioned' : ''}>
        {text}
      </a>
    )
  }

  #anchorOf(kind: FragmentKind, key: unknown, draw: () => JSX.Element): string {
    const content = `${kind} ${JSON.stringify(key)}`
    const known = this.#anchors.get(content)
    if (known !== undefined) return known
    const number = (this.#sizes.get(kind) ?? 0) + 1
    const anchor = `${kind}-${String(number)}`
    this.#sizes.set(kind, number)
    this.#anchors.set(content, anchor)
    this.#pieces.set(anchor, render(draw()))
    return anchor
  }

  /** HTML of all pieces, by anchor. */
  pieces(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#pieces)
  }
}
