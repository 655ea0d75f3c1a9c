"""What needs somebody's eye: how much of the network and of what is in force is in which kind of trouble."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import ConfigDict, Field

from app.schemas.wire import Wire

#: The parts of the world on which a plan rests.
WorldPart = Literal["network", "catalogue", "policies", "workloads"]


class StalePlan(Wire):
    """A plan in force that does not know the world as it is."""

    plan: str
    generation: int = Field(description="The generation that it was made from.")
    changed: tuple[WorldPart, ...] = Field(description="What was changed since, other than by applying it.")
    newest: int = Field(description="The generation that last changed any of that.")


class Alarms(Wire):
    """What needs somebody's eye now; all zero and null when nothing does."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "generation": 12,
                    "day": "2026-12-01",
                    "failed_nodes": 1,
                    "draining_nodes": 2,
                    "disturbed_shards": 14,
                    "unlawful_shards": 0,
                    "refused_shards": 3,
                    "stale": {
                        "plan": "9b2f6f0e-3d0c-4c52-8a53-0f5d2f0f6a11",
                        "generation": 9,
                        "changed": ["network"],
                        "newest": 12,
                    },
                }
            ]
        }
    )

    generation: int = Field(description="The newest generation.")
    day: date = Field(description="The day that they are of.")
    failed_nodes: int
    draining_nodes: int
    disturbed_shards: int = Field(description="Shards that run and break a rule on the network of now.")
    unlawful_shards: int = Field(
        description="Those of them that break residency, control, certification or transit where they run."
    )
    refused_shards: int = Field(description="Shards of the allocation that run nowhere.")
    stale: StalePlan | None = Field(
        description="The plan applied last, if network, catalogue, policies or workloads were changed after the generation "
        "that it was made from, other than by applying it. Null where it knows all of them, or none is in force."
    )
