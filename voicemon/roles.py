"""Which channel is the agent's: by option, by sidecar, else by what is said on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .records import Roles


@dataclass(frozen=True)
class RoleContext:
    """What else helps: ``direction`` (``inbound``, ``outbound``) and the channel that speaks first."""

    direction: str | None = None
    first_channel: str | None = None


def assign_roles(
    texts: Mapping[str, str],
    cues: Sequence[str] = (),
    option: str | None = None,
    sidecar_channel: str | None = None,
    context: RoleContext | None = None,
) -> Roles:
    """Roles of a call. ``texts`` maps each channel (or separated voice) to all that is said on it, in order of time.

    ``cues`` are phrases only an agent says (company name, opening of the chosen standard).
    """
    return Roles(None, None, "unknown", 0.0, "not implemented yet")
