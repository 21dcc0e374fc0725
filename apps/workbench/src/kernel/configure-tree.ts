// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import type { Clang } from '@pfo-workbench/clang'
import { messageOf } from '@pfo-workbench/errors'
import {
  ConfiguredTree,
  configure,
  configureFor,
  KbuildError,
  userProfile,
  wholeKernelProfile,
  type Configuration,
  type ConfigurationRequest,
} from '@pfo-workbench/kbuild'
import type { KernelTree } from '@pfo-workbench/kernel-tree'

/** Reads the configuration file of the user. @throws KbuildError `config` */
export function readConfiguration(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (fault) {
    throw new KbuildError('config', `the configuration ${file} cannot be read: ${messageOf(fault)}`, {
      cause: fault,
    })
  }
}

/** Options for the configuration of a tree. */
export interface ConfiguredOptions {
  /** A `.config`. If undefined: the minimum for a PowerVM partition, plus the options that build `files`. */
  readonly config: string | undefined
  /** C files that must be built. */
  readonly files: readonly string[]
  readonly cacheFolder: string
}

/**
 * Configures a tree for the scenarios.
 *
 * @throws KbuildError; `architecture` if the user's configuration is not for 64-bit powerpc
 */
export async function configureTree(
  tree: KernelTree,
  { config, files, cacheFolder }: ConfiguredOptions,
  clang: Clang,
): Promise<Configuration> {
  const options = { cacheFolder, clang: clang.compiler.version }
  const request = requestOf(config)
  return config === undefined
    ? configureFor(tree, request, files, options)
    : configure(tree, request, options)
}

/**
 * Returns the requested configuration: the user's `.config`, or the minimum for a PowerVM partition.
 *
 * @throws KbuildError; `architecture` if the user's configuration is not for 64-bit powerpc
 */
export function requestOf(config: string | undefined): ConfigurationRequest {
  if (config === undefined) return wholeKernelProfile('powerpc64le')
  const request = userProfile(readConfiguration(config), config)
  if (request.architecture !== 'powerpc64le' && request.architecture !== 'powerpc64')
    throw new KbuildError(
      'architecture',
      `${config} is a configuration for ${request.architecture}; accepted: configurations for 64-bit powerpc`,
    )
  return request
}

/** Creates a build: generates the headers of a configured tree. */
export async function buildOf(
  tree: KernelTree,
  configuration: Configuration,
  clang: Clang,
  cacheFolder: string,
): Promise<ConfiguredTree> {
  return ConfiguredTree.create(tree, configuration, {
    cacheFolder,
    compiler: clang.compiler.versionText,
    compileConstants: async (job) => clang.compile({ ...job, warnings: false }),
  })
}
