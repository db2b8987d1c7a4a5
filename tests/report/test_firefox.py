"""The HTML report in Firefox, over WebDriver BiDi."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from inspector.report.html import render_html
from tests.chat.firefox import Firefox
from tests.report.samples import SAMPLES, report_of_file


@pytest.mark.slow
def test_the_page_works_in_firefox(tmp_path: Path) -> None:
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip("firefox is not installed")
    path = tmp_path / "report.html"
    path.write_text(render_html(report_of_file(SAMPLES / "chat-aborted.pcap", language="en")), encoding="utf-8")
    with Firefox(program, tmp_path / "profile") as firefox:
        firefox.goto(path.as_uri() + "#message-0-client-1")
        firefox.await_true("document.documentElement.dataset.ready === 'true' && R.landed === 'message-0-client-1'")
        firefox.run(
            "(window.blocked = [], document.addEventListener('securitypolicyviolation', (e) => blocked.push(e.violatedDirective)), 1)"
        )
        assert "안녕하세요, 패킷 여러분!" in firefox.run("document.getElementById('message-detail').textContent")
        firefox.run("R.go('packet-8-byte-22')")
        firefox.await_true("document.querySelector('#packet-8 .field.hit')")
        assert firefox.run("document.querySelector('#packet-8 .field.hit').textContent").startswith("Time to live")
        firefox.run("(R.plots.draw(), document.querySelector('[data-language=ko]').click(), 1)")
        firefox.await_true("document.querySelectorAll('.plot canvas').length === 3")
        assert firefox.run("document.documentElement.lang") == "ko"
        shown = firefox.run(
            "[...document.querySelectorAll('#connections td .l')]"
            ".filter((e) => getComputedStyle(e).display !== 'none').map((e) => e.lang)"
        )
        assert set(shown) == {"ko"}
        assert firefox.run("document.querySelectorAll('#messages .grid-row').length") >= 7
        assert firefox.run("blocked") == []
