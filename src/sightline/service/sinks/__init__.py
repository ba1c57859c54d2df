"""Places raw records go to beside the bundle, where a setting names one."""
