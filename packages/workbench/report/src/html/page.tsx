// SPDX-License-Identifier: GPL-2.0-only
import type { ComponentChildren, JSX } from 'preact'
import { asset } from './assets.ts'

/** Text that is a style sheet or a script, not content. */
function raw(text: string): { dangerouslySetInnerHTML: { __html: string } } {
  return { dangerouslySetInnerHTML: { __html: text } }
}

/**
 * The page around the report. Nothing is loaded, and nothing runs but its own script: the policy names style sheet and script
 * by their hashes.
 */
export function Page({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  const [style, script] = [asset('report.css'), asset('report.js')]
  const policy = [
    "default-src 'none'",
    `style-src ${style.source}`,
    `script-src ${script.source}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ')
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <link rel="icon" href="data:," />
        <style {...raw(style.text)} />
      </head>
      <body>
        {children}
        <script {...raw(script.text)} />
      </body>
    </html>
  )
}
