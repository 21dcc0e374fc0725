// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A kernel of a few files, written for this test: enough for Kconfig, Kbuild and the compiler. */
export const tinyKernel: Readonly<Record<string, string>> = {
  Makefile:
    'VERSION = 6\nPATCHLEVEL = 6\nSUBLEVEL = 3\nEXTRAVERSION =\nKBUILD_CFLAGS := -std=gnu11 -fno-PIE\n',
  Kbuild: 'obj-y += drivers/\n',
  Kconfig: `config PPC64
	bool "64 bits"
config CPU_LITTLE_ENDIAN
	bool "Little endian"
config PUMP
	bool "Pump"
	default y
config FAN
	tristate "Fan"
	depends on BROKEN
config BROKEN
	bool
config NIGHT
	bool "Night"
`,
  'include/linux/kconfig.h': '#include <generated/autoconf.h>\n',
  'include/linux/compiler_types.h': '',
  'include/linux/pump.h': '#define PUMP_SPEED 3\nint pump_run(int speed);\n',
  'drivers/Makefile': 'obj-y += pump.o\nobj-$(CONFIG_FAN) += fan.o\n',
  'drivers/pump.c': `#include <linux/pump.h>

static int limit(int speed)
{
	return speed > PUMP_SPEED ? PUMP_SPEED : speed;
}

int pump_run(int speed)
{
	int old;

	return limit(speed);
}
#ifdef CONFIG_NIGHT
int pump_sleep(void)
{
	return 0;
}
#endif
`,
  'drivers/fan.c': 'int fan;\n',
  'kernel/bounds.c':
    'int main(void)\n{\n\tasm volatile("\\n.ascii \\"->LIMIT %0 x\\"" : : "i" (7));\n\treturn 0;\n}\n',
}

export function writeKernel(folder: string, files: Readonly<Record<string, string>> = tinyKernel): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}
