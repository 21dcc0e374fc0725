// SPDX-License-Identifier: GPL-2.0-only
import type { CellView } from '../wording/comparison-view.ts'

/**
 * Anchor of a cell: variant, slash, scenario. The anchor of a finding is its cell's anchor, a slash and the finding's
 * name (`wipe/lpm-twice/oops:f`). All other anchors are without a slash.
 */
export function cellAnchor({ variant, scenario }: Pick<CellView, 'variant' | 'scenario'>): string {
  return `${variant}/${scenario}`
}

export function variantAnchor(variant: string): string {
  return `variant:${variant}`
}

export function patchAnchor(patch: string): string {
  return `patch:${patch}`
}

/** Makes a link to an anchor of the page. Ids may contain any character, so the anchor is escaped. */
export function linkTo(anchor: string): string {
  return `#${encodeURI(anchor).replaceAll('#', '%23')}`
}
