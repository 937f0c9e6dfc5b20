"""What a run ran on and how busy it was: git, Python, machine, load and console.

Capture must never hurt training. Nothing here raises into it, waits for long, or costs much to import;
whatever cannot be found out is left out.
"""

from __future__ import annotations

from modellab.capture.console import ConsoleCapture
from modellab.capture.context import Context, capture_context
from modellab.capture.load import LoadSampler

__all__ = ["ConsoleCapture", "Context", "LoadSampler", "capture_context"]
