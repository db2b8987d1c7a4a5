"""The command line: one file per command, imported when the command is used."""

from __future__ import annotations

import errno
import gettext
import importlib
import os
import signal
import sys
from typing import NoReturn

import click

from inspector import __version__
from inspector.cli.localised import localise
from inspector.cli.opening import EXIT_CODE
from inspector.errors import InspectorError
from inspector.i18n import LANGUAGES, LOCALE, _, reason_of, use_language

__all__ = ["cli", "main"]

_BROKEN_PIPE = 128 + 13
"""What a shell reports for a program that SIGPIPE ended."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_COMMANDS = {
    # name: (module, one line for the list)
    "capture": ("inspector.cli.capture", "Capture packets of an interface."),
    "chat": ("inspector.cli.chat", "Start the reference chat server."),
    "connections": ("inspector.cli.connections", "List the connections: who, when, how much, how each ended."),
    "craft": ("inspector.cli.craft", "Build packets oneself, and see every bit of them."),
    "demo": ("inspector.cli.demo", "See all of it in twenty seconds."),
    "diagnose": ("inspector.cli.diagnose", "Say what is wrong and whose fault it is."),
    "dissect": ("inspector.cli.dissect", "Show Wireshark's dissection of a packet beside our own."),
    "dns": ("inspector.cli.dns", "List DNS lookups with their answers."),
    "doctor": ("inspector.cli.doctor", "Show what is installed and what each missing part would enable."),
    "explain": ("inspector.cli.explain", "Explain a field, code, rule or word: what, where, why, which RFC."),
    "export": ("inspector.cli.export", "Write transferred files or a HAR."),
    "expert": ("inspector.cli.expert", "Join Wireshark's expert items to our findings."),
    "fields": ("inspector.cli.fields", "Print fields of every packet under Wireshark's names."),
    "follow": ("inspector.cli.follow", "Show what the two sides of a connection said."),
    "frames": ("inspector.cli.frames", "List WebSocket frames with all header fields."),
    "http": ("inspector.cli.http", "List HTTP requests with their responses."),
    "journey": ("inspector.cli.journey", "Follow each message from its sender to every recipient."),
    "lab": ("inspector.cli.lab", "Make a real failure happen, with its packets and the truth about it."),
    "interfaces": ("inspector.cli.interfaces", "List the interfaces that can be captured on."),
    "import": ("inspector.cli.import_", "Turn a HAR or a flow file of mitmproxy into a recording."),
    "legs": ("inspector.cli.legs", "Compare the two legs of a proxied session."),
    "messages": ("inspector.cli.messages", "List WebSocket messages: put together, unmasked, decompressed."),
    "packet": ("inspector.cli.packet", "Show one packet: layers, fields, bits and bytes explained."),
    "proxy": ("inspector.cli.proxy", "Record what passes between a client and a server."),
    "resends": ("inspector.cli.resends", "List resent segments: Wireshark's opinion and ours."),
    "report": ("inspector.cli.report", "Judge a capture and report what is wrong with it."),
    "rules": ("inspector.cli.rules", "List the rules of the diagnosis, or explain one."),
    "samples": ("inspector.cli.samples", "List the recordings that ship, as exercises."),
    "summary": ("inspector.cli.summary", "Tell what is in a capture."),
    "tls": ("inspector.cli.tls", "List TLS connections: names, ciphers, certificates, alerts, keys."),
    "trust": ("inspector.cli.trust", "Check whether a capture can be trusted."),
    "verify": ("inspector.cli.verify", "Compare what Inspector decodes with what Wireshark decodes."),
}


class _LazyGroup(click.Group):
    """A group that imports a command only when it is used, so that --help is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(_COMMANDS[cmd_name][0]).command
        return localise(command)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Here, since click would end with 1, which means something else.
            _end_without_reader()

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # --help comes before --lang is looked at, and click translates its own option when that is made.
        localise(self)
        option = self.get_help_option(ctx)
        if option is not None:
            option.help = _("Show this message and exit.")
        super().format_help(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(text)) for name, (_module, text) in sorted(_COMMANDS.items())])


def _choose_language(ctx: click.Context, _param: click.Parameter, language: str | None) -> None:
    """Choose the language of every text, click's own and those of commands included."""
    if language:
        # click asks the standard gettext domain, which goes by the environment.
        os.environ["LANGUAGE"] = language
        use_language(language)
    localise(ctx.command)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="inspector")
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    is_eager=True,
    expose_value=False,
    callback=_choose_language,
    help="Language of texts; the locale decides when it is not given.",
)
def cli() -> None:
    """Inspect network traffic: from captures and proxied sessions to a verdict with its evidence."""


@cli.result_callback()
def _end(*_result: object, **_params: object) -> None:
    """End with the exit code that a corrupt capture asked for."""
    ctx = click.get_current_context()
    ctx.exit(ctx.meta.get(EXIT_CODE, 0))


def main() -> None:
    """Run the command line; expected errors are one clear line and exit code 2."""
    # NumPy's linear algebra is never used; its threads would only cost start-up time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    use_language(None)
    gettext.bindtextdomain("inspector", LOCALE)
    gettext.textdomain("inspector")
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except InspectorError as error:
        # Messages name files and captured values, which may hold control characters.
        from inspector.report.clean import clean

        click.echo(f"inspector: {clean(str(error))}", err=True)
        sys.exit(2)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(128 + signal.SIGINT)
    except BrokenPipeError:
        _end_without_reader()
    except OSError as error:
        # A file that cannot be written or a disk that is full is no fault of the program; anything else is.
        if error.filename is None and error.errno not in _NO_ROOM:
            raise
        from inspector.report.clean import clean

        text = _("cannot write {name}: {why}").format(name=error.filename or _("the output"), why=reason_of(error))
        click.echo(f"inspector: {clean(text)}", err=True)
        sys.exit(2)
    sys.exit(code)


def _end_without_reader() -> NoReturn:
    """End because the reader of our output (head, less) has gone; nothing may be flushed to it any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(_BROKEN_PIPE)
