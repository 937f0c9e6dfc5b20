"""What users hold in their training code: runs, and the decorator that makes one of a function call.

A run writes its journal and nothing else; who brings the journal into a store is handed in (`deliver`).
"""
