// SPDX-License-Identifier: GPL-2.0-only
import type { ToldCell } from '../wording/told.ts'

/** Where a cell's details stand; the only anchors with a slash. */
export function cellAnchor({ variant, scenario }: ToldCell): string {
  return `${variant}/${scenario}`
}

export function variantAnchor(variant: string): string {
  return `variant:${variant}`
}

export function patchAnchor(patch: string): string {
  return `patch:${patch}`
}

/** A link to an anchor of the page; an id may have any character. */
export function linkTo(anchor: string): string {
  return `#${encodeURI(anchor).replaceAll('#', '%23')}`
}

/** A cell in words. */
export function placeOf({ variant, scenario }: ToldCell): string {
  return `${variant}, ${scenario}`
}
