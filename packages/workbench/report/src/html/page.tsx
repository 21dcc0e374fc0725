// SPDX-License-Identifier: GPL-2.0-only
import type { ComponentChildren, JSX } from 'preact'
import { asset } from './assets.ts'

/** Text that is a style sheet, a script or packed data, not content. */
function raw(text: string): { dangerouslySetInnerHTML: { __html: string } } {
  return { dangerouslySetInnerHTML: { __html: text } }
}

const scripts = ['data.js', 'report.js', 'filter.js', 'panel.js', 'steps.js', 'picture.js'] as const

interface PageProps {
  readonly title: string
  /** Of `pack`. */
  readonly data: string
  readonly children: ComponentChildren
}

/**
 * The page around the report. Nothing is loaded, and nothing runs but its own scripts: the policy names style sheet and scripts by
 * their hashes. HTML is made of the page's own data alone, in one place.
 */
export function Page({ title, data, children }: PageProps): JSX.Element {
  const style = asset('report.css')
  const own = scripts.map(asset)
  const policy = [
    "default-src 'none'",
    `style-src ${style.source}`,
    `script-src ${own.map(({ source }) => source).join(' ')}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types pfo-report',
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
        <script type="application/octet-stream" id="data" {...raw(data)} />
        {own.map(({ text }) => (
          <script {...raw(text)} />
        ))}
      </body>
    </html>
  )
}
