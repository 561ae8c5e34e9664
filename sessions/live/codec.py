"""The room log's JSON: every logged command to a JSON object and back."""

from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from sessions.live.messages import Command

_ADAPTER: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="kind")])


def encode(command: Command) -> dict[str, Any]:
    """Return the command as a JSON object; `kind` says which it is."""
    data: dict[str, Any] = _ADAPTER.dump_python(command, mode="json")
    return data


def decode(data: dict[str, Any]) -> Command:
    """Return the command a log line holds.

    Raises Conflict `deid.hash_mismatch` when a text was changed behind the check's back, and
    pydantic's ValidationError when the line is not one of ours.
    """
    return _ADAPTER.validate_python(data)
