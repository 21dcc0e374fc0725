// SPDX-License-Identifier: GPL-2.0-only
export { CodedError } from './coded-error.ts'
export { InputError } from './input-error.ts'
export { messageOf } from './message-of.ts'
export { whyUnreadable } from './why-unreadable.ts'
