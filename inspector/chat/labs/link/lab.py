"""The labs on the link: a conversation in one kind of weather, captured at both ends, the truth beside it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspector.chat.labs.capture import PacketCapture
from inspector.chat.labs.lab import Lesson
from inspector.chat.labs.link.network import ADDRESSES, PORT, Network
from inspector.chat.labs.link.weather import Weather
from inspector.chat.labs.link.wire import SIDES, Wire
from inspector.chat.labs.peers import LabFailed
from inspector.chat.labs.truth import Evidence, Fault, Pair, Truth
from inspector.i18n import N_

__all__ = ["LINK_LABS", "LinkLab", "LinkResult", "run_link_lab"]

_READY_SECONDS = 15.0


@dataclass(frozen=True)
class LinkLab:
    """A conversation in one kind of weather.

    Attributes:
        name: How it is called on the command line.
        title: One line for people, marked for translation.
        rule: What a diagnosis should say; None: nothing is wrong.
        weather: What the link does.
        lesson: The same as an exercise.
        size: Bytes sent each way.
        seconds: When to give up.
    """

    name: str
    title: str
    rule: str | None
    weather: Weather
    lesson: Lesson
    size: int = 1_000_000
    seconds: float = 40.0


@dataclass(frozen=True)
class LinkResult:
    """What it left behind.

    Attributes:
        folder: Holds capture.pcapng (at the client), server.pcapng (at the server), link.jsonl, truth.json.
        truth: What happened.
        fates: How many TCP frames suffered what.
    """

    folder: Path
    truth: Truth
    fates: dict[str, int]


LINK_LABS = (
    LinkLab(
        "link-fair",
        N_("A link that loses nothing"),
        None,
        Weather(),
        Lesson(
            N_("See what a healthy connection with 20 ms of round trip looks like."),
            N_("The round trip of the handshake, and the wait of every answer."),
            N_("Which part of each answer's wait is the network's?"),
            N_("About 20 ms, as the handshake shows: the link holds every frame for 10 ms each way."),
        ),
    ),
    LinkLab(
        "link-loss",
        N_("A link that loses three of a hundred frames"),
        "N6",
        Weather(loss=0.03),
        Lesson(
            N_("Tell lost segments from late ones."),
            N_("Resent segments, and the duplicate acknowledgments before them; inspector resends lists both."),
            N_("How many segments were lost on the way to the client, and how can one know at the client?"),
            N_("The client sees a gap, acknowledges the same byte again and again, and then the missing bytes come late."),
        ),
    ),
    LinkLab(
        "link-reorder",
        N_("A link on which frames overtake each other"),
        "N7",
        Weather(reorder=0.03),
        Lesson(
            N_("Recognise reordering that is not loss."),
            N_("Segments that come behind later ones with an older timestamp and an earlier IP identification."),
            N_("Wireshark calls some of these retransmissions. Which packets prove that they are not?"),
            N_("Their timestamp is older than that of the segment that overtook them: they were made before it."),
        ),
    ),
    LinkLab(
        "link-duplicate",
        N_("A link that delivers frames twice"),
        None,
        Weather(duplicate=0.03),
        Lesson(
            N_("Tell a copy made by the network from a resent segment."),
            N_("Two packets that are the same in every header field, the IP identification included."),
            N_("Did the sender send these bytes twice?"),
            N_("No: a resent segment would carry a new IP identification. The receiver reports the copy by DSACK."),
        ),
    ),
    LinkLab(
        "link-storm",
        N_("A link with loss, reordering, copies and damage at once"),
        "N6",
        Weather(loss=0.02, reorder=0.02, duplicate=0.01, corrupt=0.01),
        Lesson(
            N_("Keep apart what happens at the same time."),
            N_("Each segment in inspector resends, with the packet that decides."),
            N_("What was lost, what was late, what came twice?"),
            N_("link.jsonl in the lab's folder tells the fate of every frame."),
        ),
    ),
    LinkLab(
        "link-black-hole",
        N_("A link that swallows large packets without a word"),
        "N8",
        Weather(mtu=1200),
        Lesson(
            N_("Recognise a path on which small packets pass and large ones vanish."),
            N_("The handshake and the short messages pass; then one large segment is sent again and again."),
            N_("From which size on do segments vanish, and what message of a router is missing?"),
            N_("Above 1,200 bytes. A router should have said so by ICMP (fragmentation needed), but no such packet comes."),
        ),
        size=200_000,
        seconds=8.0,
    ),
    LinkLab(
        "link-no-answer",
        N_("A link that swallows every attempt to connect"),
        "N1",
        Weather(no_syn_to_server=True),
        Lesson(
            N_("See what silence looks like."),
            N_("The SYNs, and the time between them."),
            N_("Who is at fault: the server, or something before it?"),
            N_("The client's packets alone cannot tell. A capture at the server shows that no SYN arrives there."),
        ),
        size=1,
        seconds=9.0,
    ),
)  # fmt: skip


def run_link_lab(lab: LinkLab, folder: Path, seed: int = 1) -> LinkResult:
    """Play one lab on the link.

    Args:
        lab: Which.
        folder: Where its files go; made when missing.
        seed: The same seed makes the same choices for the same frames.

    Raises:
        MissingPart: If the link cannot be made here, or packets cannot be captured.
        LabFailed: If the conversation did not go as this weather makes it go.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with Network() as network:
        wire = Wire(network.devices, lab.weather, seed)
        wire.start()
        try:
            with _captured(network, folder), _server(network):
                told = _talk(network, lab, seed)
        finally:
            wire.stop()
    wire.write_log(folder / "link.jsonl")
    fates = Counter(passage.fate for passage in wire.passages if passage.tcp is not None)
    if told["completed"] != (lab.rule not in ("N1", "N8")):
        raise LabFailed(f"{lab.name}: the conversation went otherwise: {told}")
    truth = _truth(lab, seed, wire, told, fates)
    truth.write(folder / "truth.json")
    return LinkResult(folder, truth, dict(fates))


@contextlib.contextmanager
def _captured(network: Network, folder: Path) -> Iterator[None]:
    """Packets at both ends."""
    with contextlib.ExitStack() as stack:
        for side, name in enumerate(("capture.pcapng", "server.pcapng")):
            stack.enter_context(
                PacketCapture(
                    folder / name, [PORT], interface=network.interfaces[side], prefix=network.inside(side, [])
                )
            )
        yield


@contextlib.contextmanager
def _server(network: Network) -> Iterator[None]:
    command = [sys.executable, "-m", "inspector.chat.labs.link.endpoint", "server", ADDRESSES[1]]
    process = subprocess.Popen(network.inside(1, command), stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    try:
        if process.stdout.readline().strip() != "ready":
            raise LabFailed("the server on the link did not start")
        yield
    finally:
        process.kill()
        process.communicate(timeout=_READY_SECONDS)


def _talk(network: Network, lab: LinkLab, seed: int) -> dict[str, Any]:
    words = ["client", ADDRESSES[1], str(seed), str(lab.size), str(lab.seconds)]
    command = [sys.executable, "-m", "inspector.chat.labs.link.endpoint", *words]
    done = subprocess.run(
        network.inside(0, command), capture_output=True, text=True, timeout=lab.seconds + _READY_SECONDS, check=False
    )
    if not done.stdout:
        raise LabFailed(f"{lab.name}: the client did not talk: {done.stderr[-500:]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _truth(lab: LinkLab, seed: int, wire: Wire, told: dict[str, Any], fates: Counter[str]) -> Truth:
    opening = next(p for p in wire.passages if p.sender == 0 and p.tcp is not None and p.tcp[3] & 0x3F == 0x02)
    hurt = [p.time_ns for p in wire.passages if p.tcp is not None and p.fate != "passed"]
    assert opening.tcp is not None
    pair = Pair(f"{ADDRESSES[0]}:{opening.tcp[4]}", told["server"])
    evidence = (Evidence("missing" if fates["dropped"] or fates["too_big"] else "frame", "client", more=dict(fates)),)
    faults = []
    if lab.rule is not None:
        faults.append(Fault(lab.rule, "network", (pair,), hurt[0] if hurt else opening.time_ns, evidence, lab=lab.name))
    settings = {"weather": lab.weather.__dict__, "sides": list(SIDES), "written_ns": time.time_ns()}
    return Truth(
        lab=lab.name, title=lab.title, seed=seed, via="link", server="websockets", settings=settings,
        packets_captured=True, faults=tuple(faults), decoys=(), healthy=() if faults else (pair,),
    )  # fmt: skip
