// SPDX-License-Identifier: GPL-2.0-only
import type { ComponentChildren, JSX } from 'preact'
import { asset } from './assets.ts'

/** Inserts a style sheet, a script or packed data without escaping it. */
function raw(text: string): { dangerouslySetInnerHTML: { __html: string } } {
  return { dangerouslySetInnerHTML: { __html: text } }
}

const scripts = ['data.js', 'report.js', 'filter.js', 'panel.js', 'steps.js', 'picture.js'] as const

interface PageProps {
  readonly title: string
  /** Output of `pack`. */
  readonly data: string
  readonly children: ComponentChildren
}

/**
 * The HTML document around the report. It loads nothing and runs only its own scripts: the content security policy
 * names the style sheet and the scripts by hash. Scripts create HTML in one place only, from the page's own data.
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
