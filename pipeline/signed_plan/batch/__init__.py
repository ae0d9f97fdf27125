"""Many plans: each folder is built as `plan build` does it, by workers here or elsewhere."""
