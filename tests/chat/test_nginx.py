from __future__ import annotations

from pathlib import Path

import pytest

from inspector.chat.nginx import Site, configuration
from inspector.errors import UsageError

COMPOSE = Path(__file__).parents[2] / "docs" / "compose"


def test_the_documented_configuration_is_the_one_that_is_tested() -> None:
    site = Site("80", ["chat1:8000", "chat2:8000"], Path("/data/static"), Path("/data/media"))
    assert (COMPOSE / "nginx.conf").read_text(encoding="utf-8") == configuration(site)


@pytest.mark.parametrize("folder", ["/tmp/a b", "/tmp/a;b", "/tmp/$x", '/tmp/"x"'])
def test_a_folder_that_would_change_the_configuration_is_refused(folder: str) -> None:
    with pytest.raises(UsageError, match="--data"):
        configuration(Site("127.0.0.1:80", ["127.0.0.1:1"], Path(folder) / "static", Path(folder) / "media"))


def test_without_upgrade_headers_the_rest_stays() -> None:
    site = Site("127.0.0.1:80", ["127.0.0.1:1"], Path("/s"), Path("/m"), upgrade=False, read_timeout=5)
    text = configuration(site)
    assert "Upgrade $http_upgrade" not in text and "proxy_read_timeout 5s;" in text
