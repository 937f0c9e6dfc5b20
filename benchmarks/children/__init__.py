"""Programs that benchmarks run as processes of their own: `python -m benchmarks.children.NAME`."""
