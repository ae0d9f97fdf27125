"""What users and builders run beside the command: set-up, demo, benchmarks, papers."""
