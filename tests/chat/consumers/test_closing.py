from __future__ import annotations

from autobahn.exception import Disconnected

from inspector.chat.consumers.closing import close_reason, peer_left


def test_a_gone_peer_is_told_from_a_mistake() -> None:
    assert peer_left(Disconnected("Attempt to send on a closed protocol"))
    assert peer_left(BrokenPipeError())
    assert not peer_left(RuntimeError("Unexpected ASGI message"))
    assert not peer_left(ValueError())


def test_a_close_reason_fits_its_frame_and_stays_text() -> None:
    cut = close_reason("가" * 200)
    assert cut == "가" * 41 and len(cut.encode()) == 123
    assert close_reason("짧은 이유") == "짧은 이유"
