"""Reproducibility packs: made from a run, and run again elsewhere."""
