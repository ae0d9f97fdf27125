"""Many plans: the same build, for each folder, by workers here or elsewhere."""
