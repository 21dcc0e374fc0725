// SPDX-License-Identifier: GPL-2.0-only
export { codeIdentity } from './code-identity.ts'
export { findPackage, packageOf } from './find-package.ts'
export { hashOf } from './hash.ts'
