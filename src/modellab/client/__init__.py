"""Asks a ModelLab server over HTTP, with the same verbs as the store; sends journals and files to it."""
