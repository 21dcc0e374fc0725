// SPDX-License-Identifier: GPL-2.0-only

/**
 * Base class of errors that are not bugs of the program: the input or the machine must change. The message says what is
 * wrong, where and why, and what is accepted.
 */
export abstract class InputError extends Error {
  abstract override readonly name: string
}
