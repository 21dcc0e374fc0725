// SPDX-License-Identifier: GPL-2.0-only
import { createProjectGraphAsync } from '@nx/devkit'
import nx from '@nx/eslint-plugin'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

// The boundary rule reports nothing without the project graph of Nx, so create the graph first.
await createProjectGraphAsync()

/** Packages that each package may import. Nx checks this by the tags in each package.json. */
const mayImport = {
  kernel: [],
  of: ['kernel'],
  powervm: [],
  pseries: ['kernel', 'of'],
  vio: ['kernel', 'of'],
  'nx-842': ['kernel', 'of', 'vio'],
  'nx-crypto': ['kernel', 'of', 'vio'],
  'pseries-rng': ['kernel', 'of', 'vio'],
  testing: ['kernel', 'of'],
  errors: [],
  wording: [],
  code: [],
  process: ['errors'],
  'kernel-tree': ['process'],
  kbuild: ['kernel-tree'],
  clang: ['process'],
  ir: [],
  object: ['ir'],
  image: ['ir', 'object'],
  check: ['ir', 'kernel-tree', 'kbuild', 'clang', 'process'],
  machine: ['object', 'image', 'kernel'],
  host: ['object', 'image', 'machine', 'kernel', 'powervm'],
  'engine-c': [
    ...['kernel-tree', 'kbuild', 'clang', 'ir', 'object', 'image', 'machine', 'host'],
    ...['kernel', 'powervm', 'run', 'play', 'patch', 'variant', 'process'],
  ],
  input: [],
  patch: [],
  run: [],
  play: ['run', 'powervm'],
  variant: ['patch', 'run', 'process'],
  scenario: ['input', 'run', 'play', 'powervm'],
  oracle: ['run'],
  compare: ['input', 'patch', 'run', 'play', 'variant', 'oracle'],
  report: ['run', 'oracle', 'compare'],
  agreement: [
    ...['conformance', 'variant', 'compare', 'patch', 'engine-models', 'engine-c'],
    ...['kernel', 'powervm', 'kernel-tree', 'kbuild', 'clang', 'machine', 'host', 'process'],
  ],
  workbench: [
    ...['input', 'patch', 'run', 'variant', 'scenario', 'oracle', 'compare', 'report'],
    ...['engine-models', 'engine-c', 'kernel-tree', 'kbuild', 'clang', 'check', 'process'],
  ],
}

const models = ['kernel', 'of', 'powervm', 'pseries', 'vio', 'nx-842', 'nx-crypto', 'pseries-rng']

/** Packages of packages/shared that every package except the models may import. */
const everywhere = ['code', 'errors', 'wording']

/** Packages that an engine implements or uses. */
const forEngines = ['patch', 'run', 'play', 'variant']

const depConstraints = [
  // The workbench and the packages for C import the shared packages, which import neither.
  { sourceTag: 'scope:shared', onlyDependOnLibsWithTags: ['scope:shared'] },
  { sourceTag: 'scope:model', onlyDependOnLibsWithTags: ['scope:model'] },
  {
    sourceTag: 'scope:engine',
    onlyDependOnLibsWithTags: [
      'scope:model',
      'scope:c',
      'scope:c-with-models',
      'scope:shared',
      ...forEngines.map((name) => `package:${name}`),
    ],
  },
  // The packages that run the user's C do not know the workbench or the models. Exceptions: a few of them need the event types of
  // the models, and the firmware.
  { sourceTag: 'scope:c', onlyDependOnLibsWithTags: ['scope:shared', 'scope:c', 'scope:c-with-models'] },
  {
    sourceTag: 'scope:c-with-models',
    onlyDependOnLibsWithTags: [
      'scope:shared',
      'scope:c',
      'scope:c-with-models',
      'package:kernel',
      'package:powervm',
    ],
  },
  { sourceTag: 'package:conformance', onlyDependOnLibsWithTags: models.map((name) => `package:${name}`) },
  ...Object.entries(mayImport).map(([name, allowed]) => ({
    sourceTag: `package:${name}`,
    onlyDependOnLibsWithTags: [...allowed, ...(models.includes(name) ? [] : everywhere)].map(
      (other) => `package:${other}`,
    ),
  })),
]

export default defineConfig(
  globalIgnores(['**/dist/', '**/coverage/', '.nx/', '**/fixtures/', '**/node_modules/']),
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, allow: [], banTransitiveDependencies: false, depConstraints },
      ],
      // Kernel code keeps its shape: TypeScript considers some conditions, such as `while (np !== null)`, always true.
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Functions that stand for C casts, such as container_of, take the target type as a type parameter.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    // Models are deterministic: no host objects, no clock, no randomness, no state outside a machine.
    files: models.map((name) => `packages/models/${name}/src/**/*.ts`),
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^(?!\\.{1,2}/|@pfo-workbench/)', message: 'Models import models and nothing else.' },
          ],
        },
      ],
      'no-restricted-globals': [
        'error',
        ...[
          'Date',
          'performance',
          'process',
          'globalThis',
          'setTimeout',
          'setInterval',
          'queueMicrotask',
        ].map((name) => ({ name, message: 'Models are synchronous and deterministic.' })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Models are deterministic.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'Program > VariableDeclaration[kind="let"], Program > * > VariableDeclaration[kind="let"]',
          message: 'File-scope variables belong to a machine: use fileScope().',
        },
      ],
    },
  },
  {
    // Tests are outside the projects that are built; one configuration covers them all.
    files: ['**/test/**/*.ts', 'vitest*.config.ts'],
    rules: {
      // A model is tested with the machine around it: any other model, such as the firmware, but no workbench package.
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: [
            { sourceTag: 'scope:shared', onlyDependOnLibsWithTags: ['scope:shared'] },
            { sourceTag: 'scope:model', onlyDependOnLibsWithTags: ['scope:model'] },
            {
              sourceTag: 'scope:workbench',
              onlyDependOnLibsWithTags: ['scope:shared', 'scope:model', 'scope:workbench', 'scope:engine'],
            },
            {
              sourceTag: 'scope:engine',
              onlyDependOnLibsWithTags: ['*'],
            },
            {
              sourceTag: 'scope:c',
              onlyDependOnLibsWithTags: ['scope:shared', 'scope:c', 'scope:c-with-models', 'scope:model'],
            },
            {
              sourceTag: 'scope:c-with-models',
              onlyDependOnLibsWithTags: ['scope:shared', 'scope:c', 'scope:c-with-models', 'scope:model'],
            },
            { sourceTag: 'scope:app', onlyDependOnLibsWithTags: ['*'] },
          ],
        },
      ],
    },
    languageOptions: {
      parserOptions: {
        projectService: false,
        project: './tsconfig.test.json',
        tsconfigRootDir: import.meta.dirname,
      },
    },
  },
  {
    // Benchmarks and planted faults belong to no project: they use the workbench from outside.
    files: ['bench/*.ts', 'mutants/*.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
)
