// SPDX-License-Identifier: GPL-2.0-only

/** Text from a patch or from patched code as it may be printed: control characters are shown, not sent to the terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (char) =>
    char === '\t' ? '  ' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The message of anything that was thrown. */
export function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault)
}
