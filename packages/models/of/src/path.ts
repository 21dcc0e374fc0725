// SPDX-License-Identifier: GPL-2.0-only
import { currentMachine, sprintf, text, type const_char_ptr, type device_node } from '@pfo-workbench/kernel'

/** Models `kbasename` (include/linux/string.h): the text after the last `/`. */
export function kbasename(path: const_char_ptr): string {
  const whole = text(path)
  return whole.slice(whole.lastIndexOf('/') + 1)
}

/**
 * The path of a node for events, as `%pOF` prints it. The kernel itself does not follow the parent pointers here.
 * Therefore the path is read inside `inspect`, which does not report a freed parent.
 */
export function nodePath(np: device_node): string {
  return currentMachine().inspect(() => sprintf('%pOF', np))
}
