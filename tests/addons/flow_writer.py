"""Runs in mitmproxy's environment: a reverse proxy that saves a flow file and a HAR, as mitmdump does, until a line comes."""

from __future__ import annotations

import asyncio
import sys

from mitmproxy import options
from mitmproxy.tools.dump import DumpMaster


async def _main(folder: str, target: str) -> None:
    chosen = options.Options(confdir=folder, mode=[f"reverse:{target}"], listen_host="127.0.0.1", listen_port=0)
    master = DumpMaster(chosen, with_termlog=False, with_dumper=False)
    chosen.update(save_stream_file=f"{folder}/session.mitm", hardump=f"{folder}/session.har", keep_host_header=True)
    running = asyncio.create_task(master.run())
    while not master.addons.get("proxyserver").listen_addrs():
        await asyncio.sleep(0.02)
    print(master.addons.get("proxyserver").listen_addrs()[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    master.shutdown()
    await running


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
