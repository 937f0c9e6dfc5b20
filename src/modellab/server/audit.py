"""Notes who changed what, for the audit log; called by every route that changes something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request

from modellab.server.access import open_store_of, who_asks


def note(
    request: Request, action: str, kind: str, target: str, details: Mapping[str, Any] | None = None
) -> None:
    """Write down that the caller did `action` (a verb) to the thing `target` (its id) of a `kind` (a noun).

    Called after the change has been stored. Never pass a secret among the details.
    """
    identity = who_asks(request)
    open_store_of(request).audit.note(
        actor=identity.name,
        key_id=identity.key_id,
        action=action,
        kind=kind,
        target=target,
        details=details,
        address=request.client.host if request.client else None,
        request_id=getattr(request.state, "request_id", None),
    )
