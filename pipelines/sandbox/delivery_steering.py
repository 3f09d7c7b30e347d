"""Steering a service's deliveries over HTTP: the address events go to, and holding them back."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from pipelines.sandbox.deliveries import Deliveries


class Registration(BaseModel):
    """Where events go, and what they are signed with."""

    url: str
    secret: str


class Release(BaseModel):
    """How held deliveries are let go: in which order, which share of them twice, which share out of place."""

    order: str = Field(default="sent", pattern="^(sent|reversed|shuffled)$")
    seed: int = 0
    repeats: float = Field(default=0.0, ge=0, le=1)
    moved: float = Field(default=1.0, ge=0, le=1)


def register(deliveries: Deliveries, asked: dict[str, Any]) -> dict[str, str]:
    """Send events to an address from now on. Raises ValidationError."""
    registration = Registration(**asked)
    deliveries.register(registration.url, registration.secret)
    return {"url": deliveries.url}


def unregister(deliveries: Deliveries) -> dict[str, str]:
    """Send no more events."""
    deliveries.register("", "")
    return {"url": ""}


def listed(deliveries: Deliveries) -> list[dict[str, object]]:
    """Every delivery with the status of each try so far."""
    return [{"event_id": d.event_id, "type": d.kind, "statuses": d.statuses} for d in deliveries.deliveries]


def hold(deliveries: Deliveries) -> dict[str, bool]:
    """Keep deliveries back from now on."""
    deliveries.hold()
    return {"held": True}


def release(deliveries: Deliveries, asked: dict[str, Any]) -> dict[str, int]:
    """Let go what was held, how many deliveries that were. Raises ValidationError."""
    wanted = Release(**asked)
    return {"released": deliveries.release(wanted.order, wanted.seed, wanted.repeats, wanted.moved)}
