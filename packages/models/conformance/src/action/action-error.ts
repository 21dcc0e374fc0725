// SPDX-License-Identifier: GPL-2.0-only

/** The text of an action is invalid. The message says what is wrong and what is accepted. */
export class ActionError extends Error {}
