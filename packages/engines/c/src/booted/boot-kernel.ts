// SPDX-License-Identifier: GPL-2.0-only
import {
  constantOf,
  createProcessor,
  possibleProcessors,
  createSystemWorkqueues,
  createTopDirectory,
  recordAttach,
  settle,
} from '@pfo-workbench/host'
import type { Initcall } from '@pfo-workbench/image'
import { addressOf, type Machine } from '@pfo-workbench/machine'
import type { MachineConfig } from '@pfo-workbench/run'

/**
 * Levels of initcalls in the order in which they run (include/linux/init.h). Initcalls with `s` run after those of
 * their level.
 */
const levels = [
  'early',
  '0',
  '0s',
  '1',
  '1s',
  '2',
  '2s',
  '3',
  '3s',
  '4',
  '4s',
  '5',
  '5s',
  'rootfs',
  '6',
  '6s',
  '7',
  '7s',
]

/**
 * Initcalls that the machine skips, by function. They set up hardware or services that do not exist here and that no
 * scenario looks at.
 */
const skipped: ReadonlySet<string> = new Set([
  // The operator panel, dispatch logs, updates of the topology and the watchdog need services that do not exist here.
  'pSeries_init_panel',
  'alloc_dispatch_log_kmem_cache',
  'alloc_dispatch_logs',
  'topology_update_init',
  'pseries_wdt_init',
  // Listens to a bus that is never registered: there is no PCI.
  'tce_iommu_bus_notifier_init',
  // Memory for data from user space comes from the same allocator as all other memory.
  'init_user_buckets',
  // The raw blob in sysfs, whose checksum is not computed.
  'of_fdt_raw_init',
  // Waits for devices that are probed later. No probe is deferred here.
  'deferred_probe_initcall',
  // Creates sockets for events of devices: there is no network.
  'kobject_uevent_init',
  // Hashes pointers for printing, with random numbers that need a kernel thread.
  'initialize_ptr_random',
  'vsprintf_init_hashval',
])

/** The name of the function itself: a `machine_*_initcall` calls it from a function whose name has a prefix. */
const nameOf = ({ function: name }: Initcall): string => name.replace(/^__machine_initcall_[a-z]+_/, '')

/** Additional boot steps, for users that do more than play scenarios. */
export interface BootHooks {
  /** Runs after the device tree is unflattened. */
  readonly unflattened?: (machine: Machine) => void
  /** Runs before the driver core, and with it the device tree in sysfs, is set up. */
  readonly driverInit?: (machine: Machine) => void
}

/**
 * Boots the kernel of a machine from a device tree blob, within the limits of the closure.
 *
 * @param config - firmware features of this partition
 */
export function bootKernel(
  machine: Machine,
  blob: Uint8Array,
  config: MachineConfig,
  steps: BootHooks = {},
): void {
  createProcessor(machine)
  createSystemWorkqueues(machine)
  setEarlyData(machine, blob, config)
  machine.task('swapper/0', () => startKernel(machine, steps))
  setNumber(machine, 'system_state', constantOf(machine, 'SYSTEM_RUNNING'))
  settle(machine)
}

/** Sets the data that earlier code of the kernel would have set: setup_arch, and the start of the processor. */
function setEarlyData(machine: Machine, blob: Uint8Array, config: MachineConfig): void {
  const { memory, allocator, symbols } = machine
  setNumber(machine, 'nr_cpu_ids', BigInt(possibleProcessors))
  setNumber(machine, 'nr_node_ids', 1n)
  setNumber(machine, '__cpu_possible_mask', (1n << BigInt(possibleProcessors)) - 1n)
  for (const mask of ['present', 'online']) setNumber(machine, `__cpu_${mask}_mask`, 1n)
  setNumber(machine, '__num_online_cpus', 1n)
  setNumber(machine, 'powerpc_firmware_features', featuresOf(machine, config))
  setNumber(machine, 'system_state', constantOf(machine, 'SYSTEM_SCHEDULING'))
  const platform = symbols.pointerTo('mach_pseries')
  if (platform !== null) setNumber(machine, 'machine_id', platform)
  // Operations that start processors. setup_arch sets the pointer to them. They are never called.
  setNumber(machine, 'smp_ops', allocator.reserve(1024))
  const copy = allocator.reserve(blob.length, 8)
  memory.bytes.set(blob, addressOf(copy))
  setNumber(machine, 'initial_boot_params', copy)
}

function featuresOf(machine: Machine, { cmo = false, prrn = false }: MachineConfig): bigint {
  const always = ['FW_FEATURE_LPAR', 'FW_FEATURE_SPLPAR', 'FW_FEATURE_VIO'] as const
  let features = always.reduce((sum, name) => sum | constantOf(machine, name), 0n)
  if (cmo) features |= constantOf(machine, 'FW_FEATURE_CMO')
  if (prrn) features |= constantOf(machine, 'FW_FEATURE_PRRN')
  return features
}

/**
 * Sets a variable that is a number, a pointer, or a structure that contains just one of these. Does nothing if the
 * kernel has no such variable.
 */
function setNumber(machine: Machine, name: string, value: bigint): void {
  const symbol = machine.symbols.find(name)
  if (symbol?.kind === 'data')
    machine.memory.setUnsigned(addressOf(symbol.address), Math.min(symbol.size, 8), value)
}

/** Calls a function if this kernel has it. */
function callIfThere(machine: Machine, name: string): void {
  if (machine.code.has(name)) machine.call(name)
}

function startKernel(machine: Machine, { unflattened, driverInit }: BootHooks): void {
  for (const name of ['radix_tree_init', 'maple_tree_init', 'unflatten_device_tree'])
    callIfThere(machine, name)
  unflattened?.(machine)
  recordBootTree(machine)
  setUpPlatform(machine)
  for (const name of ['kernfs_init', 'sysfs_init']) callIfThere(machine, name)
  runInitcalls(machine, 'early')
  driverInit?.(machine)
  machine.call('driver_init')
  createTopDirectory(machine, 'kernel_kobj', 'kernel')
  for (const level of levels.slice(1)) {
    runInitcalls(machine, level)
    // `discover_phbs` of arch/powerpc/kernel/pci-common.c. Before v5.11 the platform's setup includes it.
    if (level === '1') callIfThere(machine, 'pSeries_discover_phbs')
  }
}

/** Records the nodes of the boot tree. They are not linked by `__of_attach_node`, which a watch would record. */
function recordBootTree(machine: Machine): void {
  const visit = (pointer: bigint): void => {
    for (let at = pointer; at !== 0n; at = machine.view('device_node', at).pointerIn('sibling')) {
      recordAttach(machine, at)
      visit(machine.view('device_node', at).pointerIn('child'))
    }
  }
  visit(machine.memory.u64(addressOf(machine.pointerTo('of_root'))))
}

/** The parts of the platform's setup that affect the tree: listeners to its changes, and lookups of nodes. */
function setUpPlatform(machine: Machine): void {
  const notifier = machine.symbols.pointerTo('pci_dn_reconfig_nb')
  if (notifier !== null) machine.call('of_reconfig_notifier_register', notifier)
  callIfThere(machine, 'pseries_rng_init')
  callIfThere(machine, 'iommu_init_early_pSeries')
}

function runInitcalls(machine: Machine, level: string): void {
  for (const initcall of machine.image.initcalls) {
    if (initcall.level === level && !skipped.has(nameOf(initcall))) machine.callPointer(initcall.address)
  }
}
