// SPDX-License-Identifier: GPL-2.0-only
import type { ContractFileInput } from './schema.ts'

const pci = 'pci_dev'
const found = { class: pci, returns: 'reference' } as const

/**
 * References to PCI devices: drivers/pci/search.c, drivers/pci/pci-driver.c. Off by default, because it is not known
 * how many findings of this class are false.
 */
export const pciContracts: ContractFileInput = {
  schemaVersion: 1,
  classes: { pci_dev: { title: 'PCI device', drop: 'pci_dev_put', heldOpen: true, default: false } },
  functions: {
    pci_dev_get: { class: pci, takes: [0], returns: { argument: 0 } },
    pci_dev_put: { class: pci, drops: [0] },
    pci_get_device: { class: pci, returns: 'reference', drops: [2], cursor: 2 },
    pci_get_subsys: { class: pci, returns: 'reference', drops: [4], cursor: 4 },
    pci_get_class: { class: pci, returns: 'reference', drops: [1], cursor: 1 },
    pci_get_slot: found,
    pci_get_domain_bus_and_slot: found,
  },
}
