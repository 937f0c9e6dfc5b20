"""Latency: how long calls take, under one load or several, and whether two series of calls differ.

Knows the clock of the process and, to measure an endpoint, HTTP; no files and no database.
"""

from __future__ import annotations

from modellab.latency.differences import compare_latency, describe_difference
from modellab.latency.endpoint import profile_endpoint
from modellab.latency.profile import LatencyProfile, profile_latency
from modellab.latency.samples import decode_samples, encode_samples
from modellab.latency.summary import summarise_samples

__all__ = [
    "LatencyProfile",
    "compare_latency",
    "decode_samples",
    "describe_difference",
    "encode_samples",
    "profile_endpoint",
    "profile_latency",
    "summarise_samples",
]
