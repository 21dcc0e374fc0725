// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'

/** Any string. */
export const text = z.string()
/** Any list of strings. */
export const texts = z.array(text)
/** 0 or a positive whole number. */
export const count = z.number().int().nonnegative()
/** Any whole number. */
export const integer = z.number().int()
