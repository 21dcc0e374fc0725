// SPDX-License-Identifier: GPL-2.0-only
import type { ToldCell } from '../wording/told.ts'

/**
 * Where a cell stands; the only anchors with a slash. The address of a finding is that of its cell, a slash, and its name
 * (`wipe/lpm-twice/oops:f`).
 */
export function cellAnchor({ variant, scenario }: Pick<ToldCell, 'variant' | 'scenario'>): string {
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
