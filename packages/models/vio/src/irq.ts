// SPDX-License-Identifier: GPL-2.0-only
import { fileScope, type device_node } from '@pfo-workbench/kernel'
import { of_get_property, of_read_number } from '@pfo-workbench/of'

const irq = fileScope(() => ({ mapped: new Set<number>() }))

/**
 * Stands for `irq_of_parse_and_map` (drivers/of/irq.c, v4.18). Interrupt controllers are not modelled: the first cell
 * of "interrupts" is the interrupt number.
 *
 * @returns an interrupt number, 0 for none
 */
export function irq_of_parse_and_map(dev: device_node): number {
  const interrupts = of_get_property(dev, 'interrupts')
  if (interrupts === null) return 0
  const virq = of_read_number(interrupts, 1)
  irq().mapped.add(virq)
  return virq
}

/** Stands for `irq_dispose_mapping` (kernel/irq/irqdomain.c, v4.18). */
export function irq_dispose_mapping(virq: number): void {
  irq().mapped.delete(virq)
}

/** The interrupts that were mapped and not yet disposed of. For inspection only. */
export function mappedInterrupts(): number[] {
  return [...irq().mapped]
}
