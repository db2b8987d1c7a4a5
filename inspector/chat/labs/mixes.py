"""Several failures, decoys and healthy users at once on one server, chosen by the seed."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence

from inspector.chat.labs.healthy import conversation
from inspector.chat.labs.lab import Lab, Lesson, Needs, Play
from inspector.chat.labs.scene import Scene
from inspector.chat.labs.stage import EXTRAS, Stage
from inspector.i18n import N_

__all__ = ["choose", "make_mixes"]

_SPREAD_S = 1.5


def _given(needs: Needs, stage: Needs) -> bool:
    """Whether a stage has what a lab needs beyond the usual."""
    usual = Needs()
    for field in dataclasses.fields(Needs):
        needed, given = getattr(needs, field.name), getattr(stage, field.name)
        if field.name == "extras":
            if not needed <= given:
                return False
        elif needed not in (given, getattr(usual, field.name)):
            return False
    return True


def _fits(lab: Lab, stage: Stage) -> bool:
    """Whether a lab can be played on this stage."""
    needs = dataclasses.replace(stage.needs, layer=stage.layer)
    return lab.mixes and stage.via in lab.via and stage.server in lab.servers and _given(lab.needs, needs)


def choose(scene: Scene, labs: Sequence[Lab], heavy: bool) -> list[Lab]:
    """Three to five failures and one or two decoys.

    Args:
        scene: Whose chance and stage decide.
        labs: All labs.
        heavy: Whether one may be among them that keeps the server busy; two would spoil each other's times.
    """
    fitting = [lab for lab in labs if _fits(lab, scene.stage)]
    faulty = [lab for lab in fitting if lab.rules and (heavy or not lab.heavy)]
    # What can be shown on this stage only is what the stage is for: one of these is always there.
    ordinary = Needs(layer="memory", extras=frozenset(EXTRAS))
    special = [lab for lab in faulty if not _given(lab.needs, ordinary)]
    usual = [lab for lab in faulty if lab not in special]
    scene.chance.shuffle(special)
    scene.chance.shuffle(usual)
    chosen: list[Lab] = []
    for lab in special[:1] + usual:
        if len(chosen) == 5 or (lab.heavy and any(other.heavy for other in chosen)):
            continue
        chosen.append(lab)
    chosen = chosen[: scene.chance.randint(3, 5)]
    decoys = [lab for lab in fitting if not lab.rules]
    return chosen + scene.chance.sample(decoys, scene.chance.randint(1, 2))


def _play(labs: Sequence[Lab], heavy: bool) -> Play:
    async def play(scene: Scene) -> None:
        async def part(child: Scene, of: Play) -> None:
            await asyncio.sleep(child.chance.uniform(0.0, _SPREAD_S))
            try:
                await of(child)
            finally:
                await child.leave()

        parts = [(scene.child(lab.name), lab.play) for lab in choose(scene, labs, heavy)]
        parts.append((scene.child("healthy-chat"), conversation))
        async with asyncio.TaskGroup() as tasks:
            for child, of in parts:
                tasks.create_task(part(child, of))
        for child, _ in parts:
            scene.take(child)

    return play


def make_mixes(labs: Sequence[Lab]) -> tuple[Lab, ...]:
    """The mixes of these labs.

    Args:
        labs: Labs without mixes.
    """
    lesson = Lesson(
        N_("Find several failures in one capture, as they come in real life."),
        N_("First how each connection ends; then what those that end alike have in common."),
        N_("How many failures are there, of which kind, and who is at fault for each?"),
        N_("See truth.json: faults, decoys and healthy connections."),
    )
    extras = frozenset(EXTRAS)

    def mix(name: str, title: str, needs: Needs, heavy: bool) -> Lab:
        return Lab(name, title, (), _play(labs, heavy), lesson, needs, mixes=False, seconds=10.0)

    return (
        mix("mix", N_("Several failures and healthy users at once"), Needs(extras=extras), True),
        mix("mix-redis", N_("The same with the Redis layer"), Needs(layer="redis", capacity=20, extras=extras), True),
        mix(
            "mix-timers",
            N_("The same with overlapping ping timers and a short expiry"),
            Needs(ping_interval=2.0, ping_timeout=5.0, expiry=2, extras=extras),
            False,
        ),
    )
