"""What users and builders run beside the command: the set-up, the demo, the benchmarks."""
