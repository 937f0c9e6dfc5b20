"""`from lab_logger import log_run`: the decorator under the name that AI-Lab's scripts import."""

from modellab import log_run

__all__ = ["log_run"]
