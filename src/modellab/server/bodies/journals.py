"""What answers about journals hold."""

from __future__ import annotations

from pydantic import BaseModel, Field


class ReceivedBody(BaseModel):
    """What a request with journal lines did."""

    offset: int = Field(description="The byte to send from next.", examples=[4096])
    n_points: int = Field(description="Values taken in.", examples=[100])
    n_events: int = Field(description="Events taken in.", examples=[2])
    n_bad: int = Field(description="Lines that could not be read; they are in the log only.", examples=[0])
    is_ended: bool = Field(description="Whether the writer has said that it ended.", examples=[False])


class JournalBody(BaseModel):
    """How much of a journal is there."""

    offset: int = Field(description="The byte to send from next; 0 of an unknown journal.", examples=[4096])


class DeathBody(BaseModel):
    """Whether a writer was marked dead."""

    marked: bool = Field(description="False if it was unknown, or had ended or died before.", examples=[True])


class StoredBody(BaseModel):
    """Whether bytes are kept."""

    is_stored: bool = Field(description="Whether all of them are kept.", examples=[True])


class KeptBody(BaseModel):
    """Bytes that are kept."""

    sha256: str = Field(description="Their SHA-256, in hex.", examples=["9f86d081884c7d65" + 48 * "0"])
    size: int = Field(description="How many there are.", examples=[4])
