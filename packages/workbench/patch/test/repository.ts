// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Files by path; null for a deleted one. */
export type Files = Readonly<Record<string, string | null>>

/** A git repository for a test, without the user's configuration. */
export class Repository {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'pfo-patch-test-'))
  readonly #env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: this.folder,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CEILING_DIRECTORIES: dirname(this.folder),
    GIT_AUTHOR_NAME: 'Ann Author',
    GIT_AUTHOR_EMAIL: 'ann@example.org',
    GIT_COMMITTER_NAME: 'Maintainer',
    GIT_COMMITTER_EMAIL: 'maintainer@example.org',
  }

  /** Runs git; throws if it fails. */
  git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.folder, env: this.#env, encoding: 'utf8', stdio: 'pipe' })
  }

  /** Runs git with an input; returns whether it succeeded, and its output. */
  tryGit(input: string, ...args: string[]): { ok: boolean; stdout: string } {
    const run = spawnSync('git', args, { cwd: this.folder, env: this.#env, encoding: 'utf8', input })
    return { ok: run.status === 0, stdout: run.stdout }
  }

  write(files: Files): void {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.folder, path)
      rmSync(file, { force: true })
      if (text === null) continue
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
  }

  /** Commits these files in addition to the existing ones. */
  commit(message: string, files: Files): void {
    this.write(files)
    this.git('add', '--all')
    this.git('commit', '--quiet', '--allow-empty', `--message=${message}`)
  }

  read(path: string): string | null {
    const file = join(this.folder, path)
    return existsSync(file) && lstatSync(file).isFile() ? readFileSync(file, 'utf8') : null
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
