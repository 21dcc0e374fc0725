// SPDX-License-Identifier: GPL-2.0-only
import type { Lexer } from './lexer.ts'

/** Attribute names. `(...)`, a number or `=value` may follow the name. */
const attributeWords = new Set(
  (
    'noundef signext zeroext inreg noalias nocapture captures nonnull readonly readnone writeonly returned ' +
    'immarg nofree nest swiftself swiftasync swifterror noext nofpclass dead_on_unwind dead_on_return writable ' +
    'dereferenceable dereferenceable_or_null byval byref sret preallocated inalloca elementtype align range ' +
    'initializes allocalign allocptr alignstack allocsize memory vscale_range uwtable inaccessiblememonly ' +
    'argmemonly inaccessiblemem_or_argmemonly ' +
    'alwaysinline builtin cold convergent coro_only_destroy_when_complete coro_elide_safe disable_sanitizer_instrumentation ' +
    'fn_ret_thunk_extern hot hybrid_patchable inlinehint jumptable minsize mustprogress naked nobuiltin nocallback ' +
    'nocf_check nocreateundeforpoison nodivergencesource noduplicate noimplicitfloat noinline nomerge noprofile ' +
    'norecurse noredzone noreturn nosanitize_bounds nosanitize_coverage nosync nounwind nonlazybind null_pointer_is_valid ' +
    'optforfuzzing optdebug optnone optsize presplitcoroutine returns_twice safestack sanitize_address sanitize_hwaddress ' +
    'sanitize_memory sanitize_memtag sanitize_numerical_stability sanitize_realtime sanitize_realtime_blocking ' +
    'sanitize_thread sanitize_type sanitize_alloc_token shadowcallstack skipprofile speculatable speculative_load_hardening ssp sspreq ' +
    'sspstrong strictfp willreturn'
  ).split(' '),
)

/** True if the current token starts an attribute. */
export function atAttribute(lexer: Lexer): boolean {
  return lexer.at('group') || lexer.at('string') ? true : lexer.at('word') && attributeWords.has(lexer.value)
}

/** Skips one attribute. @throws IrSyntaxError */
export function skipAttribute(lexer: Lexer): void {
  const quoted = lexer.at('string')
  const numbered = lexer.value === 'align' || lexer.value === 'alignstack' || lexer.value === 'uwtable'
  lexer.advance()
  if (quoted) {
    if (lexer.accept('=')) lexer.take('string')
  } else if (lexer.is('(')) lexer.skipBalanced()
  else if (lexer.accept('=')) lexer.advance()
  else if (numbered && lexer.at('number')) lexer.advance()
}

/** Skips all attributes at the current position. @throws IrSyntaxError */
export function skipAttributes(lexer: Lexer): void {
  while (atAttribute(lexer)) skipAttribute(lexer)
}
