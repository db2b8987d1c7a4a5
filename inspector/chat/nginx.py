"""nginx in front of the chat: its configuration, checked by nginx itself, and its process."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inspector.chat.external import External, find
from inspector.errors import UsageError
from inspector.i18n import _

__all__ = ["Nginx", "Site", "configuration"]


@dataclass(frozen=True)
class Site:
    """What nginx is to serve.

    Attributes:
        listen: ``address:port``.
        upstreams: ``host:port`` of each server process.
        static: Folder of collected static files.
        media: Folder of uploads.
        certificate, key: PEM files; None for plain HTTP.
        read_timeout: Seconds of silence from the server after which nginx ends a connection. Daphne's pings every
            20 s keep a WebSocket below the default of 60.
        upgrade: Pass on the headers that make a WebSocket; without them the server answers 404.
        body_limit: Largest request body; uploads have at most 5 MB (settings.UPLOAD_MAX_BYTES), the rest is the form
            around them. nginx's own default is 1m.
        static_by: ``alias``; with ``root`` nginx looks for static/static/ and finds nothing.
    """

    listen: str
    upstreams: Sequence[str]
    static: Path
    media: Path
    certificate: Path | None = None
    key: Path | None = None
    read_timeout: float = 60.0
    upgrade: bool = True
    body_limit: str = "6m"
    static_by: str = "alias"


_HTTP = """\
map $http_upgrade $connection_upgrade {{
    default upgrade;
    ''      close;
}}

upstream chat {{
{upstreams}
}}

server {{
    listen {listen};
{tls}    client_max_body_size {body_limit};

    # alias, not root: root would look for static/static/.
    location /static/ {{
        {static_by} {static}/;
    }}

    # Only on the application's word (X-Accel-Redirect), which has checked who asks. nginx keeps the application's
    # Content-Type and Content-Disposition, and drops its other headers.
    location /protected-media/ {{
        internal;
        alias {media}/;
        add_header X-Content-Type-Options nosniff always;
        add_header Content-Security-Policy "sandbox; default-src 'none'" always;
    }}

    location / {{
        proxy_pass http://chat;
        proxy_http_version 1.1;
{upgrade}        # With its port: the application compares it with Origin.
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        # The browser's own port, to find its packets by.
        proxy_set_header X-Client-Port $remote_port;
        proxy_read_timeout {read_timeout:g}s;
    }}
}}
"""

_UPGRADE = """\
        # Both are hop-by-hop headers (RFC 9110 section 7.6.1): not passed on unless told to.
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
"""

_MAIN = """\
{user}worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;

events {{
    worker_connections 2048;
}}

http {{
    types {{
        text/css css;
        text/javascript js;
        image/svg+xml svg;
        image/png png;
    }}
    default_type application/octet-stream;
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;

{http}}}
"""


def configuration(site: Site) -> str:
    """The part inside ``http { }``: what one would put below sites-available."""
    if any(c in str(path) for path in (site.static, site.media) for c in " ;{}\"'$\\\n"):
        raise UsageError(
            _("nginx cannot be given the folder {folder}: choose one with a plain name, --data").format(
                folder=site.static.parent
            )
        )
    tls = ""
    if site.certificate is not None:
        tls = f"    ssl_certificate {site.certificate};\n    ssl_certificate_key {site.key};\n"
    return _HTTP.format(
        upstreams="\n".join(f"    server {upstream};" for upstream in site.upstreams),
        listen=f"{site.listen} ssl" if site.certificate is not None else site.listen,
        tls=tls,
        static=site.static,
        media=site.media,
        upgrade=_UPGRADE if site.upgrade else "",
        read_timeout=site.read_timeout,
        body_limit=site.body_limit,
        static_by=site.static_by,
    )


class Nginx(External):
    """An nginx process with a configuration, log and temporary files of its own.

    Args:
        site: What to serve.
        folder: Where its files go.
        log: Where its messages go; None for the same as here.

    Raises:
        MissingPart: If nginx is not installed.
        UsageError: If nginx does not accept the configuration, or the port is taken.
    """

    def __init__(self, site: Site, folder: Path, log: Path | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        host, _, port = site.listen.rpartition(":")
        self._address = (host.strip("[]"), int(port))
        # As root, nginx would serve as nobody, who cannot read the data folder.
        user = f"user {pwd.getpwuid(os.geteuid()).pw_name};\n" if os.geteuid() == 0 else ""
        http = "".join(
            f"    {line}" if line.strip() else line for line in configuration(site).splitlines(keepends=True)
        )
        self.path = folder / "nginx.conf"
        self.path.write_text(_MAIN.format(user=user, folder=folder, http=http), encoding="utf-8")
        command = [find("nginx"), "-p", str(folder), "-e", "stderr", "-c", str(self.path)]
        self._check(command, site.listen)
        super().__init__("nginx", command, self._answers, log=log)

    def _check(self, command: list[str], listen: str) -> None:
        try:
            with socket.socket(socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(self._address)
        except OSError as error:
            raise UsageError(
                _("cannot listen on {address}: {why}; choose another with --port").format(
                    address=listen, why=error.strerror
                )
            ) from None
        tested = subprocess.run([*command, "-t", "-q"], capture_output=True, text=True)
        if tested.returncode != 0:
            raise UsageError(_("nginx refuses {path}: {said}").format(path=self.path, said=tested.stderr.strip()))

    def _answers(self) -> bool:
        try:
            socket.create_connection(self._address, timeout=1).close()
        except OSError:
            return False
        return True
