// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const shared = [
  '-std=gnu11',
  '-fwrapv',
  '-funsigned-char',
  '-fno-strict-aliasing',
  '-w',
  '-ffreestanding',
  '-fno-builtin',
]

/** Installed compilers, preferred one first. Tests that compile use the first. */
export const compilers: readonly string[] = ['clang-22', 'clang-19', 'clang-18', 'clang-16', 'clang'].filter(
  (name) => spawnSync(name, ['--version']).status === 0,
)

/** Compiles C to IR as the C engine does. Without debug information the IR is a third as long. */
export function compileToIr(
  clang: string,
  source: string,
  { target = 'powerpc64le-linux-gnu', debug = true }: { target?: string; debug?: boolean } = {},
): string {
  const flags = [
    `--target=${target}`,
    '-S',
    '-emit-llvm',
    '-O1',
    '-Xclang',
    '-disable-llvm-passes',
    '-nostdinc',
  ]
  if (debug) flags.push('-g')
  const cpu = target.startsWith('powerpc64')
    ? ['-mcpu=power8', '-msoft-float', '-mno-altivec', '-mno-vsx', '-fno-jump-tables']
    : []
  return execFileSync(clang, [...flags, ...cpu, ...shared, '-x', 'c', '-', '-o', '-'], {
    input: source,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
}

/** Compiles C natively and returns the result of `u64 test(u64 seed)` for each seed. */
export function runOnHost(clang: string, source: string, seeds: readonly bigint[]): readonly bigint[] {
  const folder = mkdtempSync(join(tmpdir(), 'pfo-differential-'))
  try {
    const main = `int printf(const char *, ...);
int main(void) {
	static const unsigned long seeds[] = { ${seeds.map((seed) => `${seed}ul`).join(', ')} };
	for (unsigned i = 0; i < sizeof(seeds) / sizeof(*seeds); i++) printf("%lu\\n", test(seeds[i]));
	return 0;
}
`
    writeFileSync(join(folder, 'program.c'), source + main)
    const program = join(folder, 'program')
    execFileSync(clang, ['-O1', ...shared, join(folder, 'program.c'), '-o', program], { stdio: 'pipe' })
    const lines = execFileSync(program, { encoding: 'utf8', timeout: 10_000 }).trim().split('\n')
    return lines.map(BigInt)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
