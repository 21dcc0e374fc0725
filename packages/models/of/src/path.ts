// SPDX-License-Identifier: GPL-2.0-only
import { currentMachine, sprintf, text, type const_char_ptr, type device_node } from '@pfo-workbench/kernel'

/** Models `kbasename` (include/linux/string.h): what stands behind the last `/`. */
export function kbasename(path: const_char_ptr): string {
  const whole = text(path)
  return whole.slice(whole.lastIndexOf('/') + 1)
}

/**
 * The path of a node, for events: what `%pOF` prints, without a trace. The kernel does not follow the parents there, so
 * one that was freed is not to be reported.
 */
export function nodePath(np: device_node): string {
  return currentMachine().inspect(() => sprintf('%pOF', np))
}
