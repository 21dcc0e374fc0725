// SPDX-License-Identifier: GPL-2.0-only
import type { FileEdits, Proposal } from './proposal.ts'

const vio = ['arch/powerpc/platforms/pseries/vio.c', 'arch/powerpc/kernel/vio.c']

/** C function that both versions of the notifier call. */
const facilityTest = `static bool vio_is_facilities(struct device_node *np)
{
	const char *type = of_get_property(np, "device_type", NULL);

	return type && !strcmp(type, "ibm,platform-facilities");
}

`

const scanAndDecide = `	struct of_reconfig_data *rd = data;
	struct device_node *parent;
	bool root, child;
`

const decide = `	root = vio_is_facilities(rd->dn);
	parent = of_get_parent(rd->dn);
	child = parent && vio_is_facilities(parent);
	of_node_put(parent);

`

const notifier = `${facilityTest}static void vio_pfo_detach(struct device_node *np)
{
	struct vio_dev *viodev = vio_find_node(np);

	if (!viodev)
		return;
	pr_info("vio: %s detached, unregistering\\n", dev_name(&viodev->dev));
	put_device(&viodev->dev);
	vio_unregister_device(viodev);
}

static int vio_pfo_reconfig(struct notifier_block *nb, unsigned long action,
			    void *data)
{
${scanAndDecide}
${decide}	if (action == OF_RECONFIG_DETACH_NODE && child) {
		vio_pfo_detach(rd->dn);
	} else if (action == OF_RECONFIG_ATTACH_NODE && root) {
		pr_info("vio: platform-facilities attached, scanning\\n");
		vio_bus_scan_register_devices("ibm,platform-facilities");
	} else if (action == OF_RECONFIG_ATTACH_NODE && child) {
		pr_info("vio: %s attached, registering\\n", rd->dn->name);
		vio_register_device_node(rd->dn);
	}
	return NOTIFY_OK;
}

static struct notifier_block vio_pfo_nb = {
	.notifier_call = vio_pfo_reconfig,
};

`

const queueingNotifier = `${facilityTest}static struct workqueue_struct *vio_pfo_wq;

/* A device to unregister, a node to register, or neither: the parent to scan. */
struct vio_pfo_work {
	struct work_struct work;
	struct vio_dev *viodev;
	struct device_node *np;
};

static void vio_pfo_workfn(struct work_struct *work)
{
	struct vio_pfo_work *pw = container_of(work, struct vio_pfo_work, work);

	if (pw->viodev) {
		pr_info("vio: %s detached, unregistering\\n",
			dev_name(&pw->viodev->dev));
		put_device(&pw->viodev->dev);
		vio_unregister_device(pw->viodev);
	} else if (pw->np) {
		pr_info("vio: %s attached, registering\\n", pw->np->name);
		vio_register_device_node(pw->np);
		of_node_put(pw->np);
	} else {
		pr_info("vio: platform-facilities attached, scanning\\n");
		vio_bus_scan_register_devices("ibm,platform-facilities");
	}
	kfree(pw);
}

static void vio_pfo_queue(struct vio_dev *viodev, struct device_node *np)
{
	struct vio_pfo_work *pw = kzalloc(sizeof(*pw), GFP_KERNEL);

	if (!pw) {
		if (viodev)
			put_device(&viodev->dev);
		of_node_put(np);
		return;
	}
	INIT_WORK(&pw->work, vio_pfo_workfn);
	pw->viodev = viodev;
	pw->np = np;
	queue_work(vio_pfo_wq, &pw->work);
}

static int vio_pfo_reconfig(struct notifier_block *nb, unsigned long action,
			    void *data)
{
${scanAndDecide}
	if (action != OF_RECONFIG_ATTACH_NODE &&
	    action != OF_RECONFIG_DETACH_NODE)
		return NOTIFY_OK;

${decide}	if (action == OF_RECONFIG_DETACH_NODE) {
		struct vio_dev *viodev = child ? vio_find_node(rd->dn) : NULL;

		if (viodev)
			vio_pfo_queue(viodev, NULL);
	} else if (root) {
		vio_pfo_queue(NULL, NULL);
	} else if (child) {
		vio_pfo_queue(NULL, of_node_get(rd->dn));
	}
	return NOTIFY_OK;
}

static struct notifier_block vio_pfo_nb = {
	.notifier_call = vio_pfo_reconfig,
};

`

/**
 * The edits that insert a notifier. Both versions of the notifier use the same positions.
 *
 * @param isInit - true for kernels in which `vio_bus_scan_register_devices` is in the init section
 */
function notifierEdits(functions: string, registration: string, isInit: boolean): readonly FileEdits[] {
  const scan = 'vio_bus_scan_register_devices'
  return [
    {
      paths: vio,
      edits: [
        {
          place: 'before',
          at: { function: 'vio_device_init' },
          lines: functions,
        },
        {
          place: 'after',
          at: {
            function: 'vio_device_init',
            statement: /\tvio_bus_scan_register_devices\("ibm,platform-facilities"\);\n/,
          },
          lines: registration,
        },
        // A function that runs after boot must not be in the init section, which the kernel frees.
        ...(isInit
          ? [
              {
                place: 'instead',
                at: {
                  function: scan,
                  statement: /static void __init vio_bus_scan_register_devices\(char \*root_name\)\n/,
                },
                lines: 'static void vio_bus_scan_register_devices(char *root_name)\n',
              } as const,
            ]
          : []),
      ],
    },
  ]
}

const registers = `	of_reconfig_notifier_register(&vio_pfo_nb);
`

const registersAndQueues = `	vio_pfo_wq = alloc_ordered_workqueue("vio_pfo", 0);
	if (!vio_pfo_wq)
		return -ENOMEM;
	of_reconfig_notifier_register(&vio_pfo_nb);
`

/** Proposals for the VIO bus. */
export const vioProposals: readonly Proposal[] = [
  {
    id: 'vio-notifier',
    subject: 'powerpc/vio: Follow the platform facilities with a reconfig notifier',
    message: `VIO creates devices for the platform facilities only at boot. They keep their
nodes when firmware replaces the nodes. Unregister the device of a detached
facility, and register a device for each attached one.`,
    ways: [notifierEdits(notifier, registers, true), notifierEdits(notifier, registers, false)],
  },
  {
    id: 'vio-notifier-wq',
    subject: 'powerpc/vio: Follow the platform facilities from a workqueue',
    message: `VIO creates devices for the platform facilities only at boot. They keep their
nodes when firmware replaces the nodes. A reconfig notifier queues work on an
ordered workqueue, so drivers can register and unregister on the chain.`,
    ways: [
      notifierEdits(queueingNotifier, registersAndQueues, true),
      notifierEdits(queueingNotifier, registersAndQueues, false),
    ],
  },
  {
    id: 'name40',
    subject: 'powerpc/vio: Make room for long names in vio_find_node()',
    message: `The name of ibm,sym-encryption-v1 has 21 characters and does not fit into the 20
bytes of vio_find_node(), so its device is never found. Use 40.`,
    ways: [
      [
        {
          paths: vio,
          edits: [
            {
              place: 'instead',
              at: { function: 'vio_find_node', statement: /\tchar kobj_name\[20\];\n/ },
              lines: '\tchar kobj_name[40];\n',
            },
          ],
        },
      ],
    ],
  },
  {
    id: 'vio-unregister-uaf',
    subject: 'powerpc/vio: Do not read a device after it was unregistered',
    message: `vio_unregister_device() drops a reference, possibly the last one, and reads the
device's family and interrupt afterwards. Read both first.`,
    ways: [
      [
        {
          paths: vio,
          edits: [
            {
              place: 'instead',
              at: {
                function: 'vio_unregister_device',
                statement:
                  /\tdevice_unregister\(&viodev->dev\);\n\tif \(viodev->family == VDEVICE\)\n\t\tirq_dispose_mapping\(viodev->irq\);\n/,
              },
              lines: `	bool has_irq = viodev->family == VDEVICE;
	unsigned int irq = viodev->irq;

	device_unregister(&viodev->dev);
	if (has_irq)
		irq_dispose_mapping(irq);
`,
            },
          ],
        },
      ],
    ],
  },
]
