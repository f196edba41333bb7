"""Runs the pod of a CronJob as a process of this machine.

The sandbox has no nodes. What a kubelet would do for such a pod is done here as far as a plain
process allows: its command with its environment, ConfigMaps and Secrets as files, volumes that
last as long as they should, the Job's deadline and indexes. There is no image, no isolation, no
network of the cluster: programs are those of this machine, mount paths become folders, and
addresses inside the cluster are led where the caller says.
"""
