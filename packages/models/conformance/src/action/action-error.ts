// SPDX-License-Identifier: GPL-2.0-only

/** Says what in an action is not known, and what would be accepted. */
export class ActionError extends Error {}
