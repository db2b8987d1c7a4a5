"""The catalogue of translated texts: collect, check, compile.

python -m tools.catalogue update     collect every marked text into each language's catalogue
python -m tools.catalogue check      say what is missing, doubtful, used no more or has other placeholders; exit code 1
python -m tools.catalogue compile    write the .mo files (the build does it too)
"""

from __future__ import annotations

import ast
import re
import string
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from inspector.cli.localised import help_messages

__all__ = ["check", "collect", "main"]

ROOT = Path(__file__).parent.parent
LOCALES = ROOT / "inspector" / "i18n" / "locale"
_PACKAGES = ("inspector", "addons", "captures")
_METHODS = [
    ("inspector/chat/templates/**", "ignore"),  # Django's own catalogue: inspector/chat/locale
    ("inspector/chat/static/**", "ignore"),
    ("**/vendor/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2.ext:babel_extract"),
    ("**/templates/**.md", "jinja2.ext:babel_extract"),
    ("**/static/**.js", "javascript"),
]
_KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
_DJANGO = {"inspector/chat/" + name for name in ("models.py", "views.py", "forms.py", "apps.py", "admin.py")}
_WIDTH = 118


def collect() -> Catalog:
    """Every text for people: marked ones, helps of commands, and click's own."""
    catalog = Catalog(project="inspector", charset="utf-8")
    for path, line, message in sorted(_marked(), key=lambda found: (found[0], found[1])):
        if message and message != ("", ""):
            catalog.add(message, locations=[(path, line)])
    return catalog


def check(catalog: Catalog, collected: Catalog) -> list[str]:
    """What is wrong with a catalogue: a line per text that is missing, doubtful, used no more or lost a placeholder."""
    problems = []
    for wanted in collected:
        if not wanted.id:
            continue
        message = catalog.get(wanted.id)
        if message is None or not _translations(message):
            problems.append(f"not translated: {_first(wanted)!r} ({wanted.locations[0][0]})")
        elif message.fuzzy:
            problems.append(f"doubtful (fuzzy): {_first(wanted)!r}")
        else:
            problems.extend(_other_placeholders(message))
    unused = (message for message in catalog if message.id and collected.get(message.id) is None)
    return problems + [f"used no more: {_first(message)!r}" for message in unused]


def _marked() -> Iterator[tuple[str, int, str | tuple[str, ...]]]:
    for package in _PACKAGES:
        for name, line, message, *_rest in extract_from_dir(
            ROOT / package, [(f"{pattern}", method) for pattern, method in _below(package)], {}, _KEYWORDS
        ):
            path = f"{package}/{name}"
            if path not in _DJANGO:
                yield path, line, message
        for source in (ROOT / package).rglob("*.py"):
            path = source.relative_to(ROOT).as_posix()
            if path not in _DJANGO:
                for line, text in _in_f_strings(ast.parse(source.read_text("utf-8"))):
                    yield path, line, text
    for source in sorted((ROOT / "inspector" / "cli").rglob("*.py")):
        path = source.relative_to(ROOT).as_posix()
        for line, text in _helps(ast.parse(source.read_text("utf-8"))):
            for message in help_messages(text):
                yield path, line, message
    yield from _of_click()


def _in_f_strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Texts marked inside of f-strings, which Babel sees from Python 3.12 on only."""
    for string_ in ast.walk(tree):
        if isinstance(string_, ast.JoinedStr):
            for node in ast.walk(string_):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _KEYWORDS:
                    for argument in node.args[:1]:
                        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                            yield node.lineno, argument.value


def _below(package: str) -> Iterator[tuple[str, str]]:
    """The patterns as seen from a package's own folder."""
    for pattern, method in _METHODS:
        if pattern.startswith("**"):
            yield pattern, method
        elif pattern.startswith(package + "/"):
            yield pattern.removeprefix(package + "/"), method


def _helps(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Docstrings of commands, helps of options, and the lines of the list of commands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(_is_command(item) for item in node.decorator_list):
            text = ast.get_docstring(node)
            if text:
                yield node.lineno, text
        elif isinstance(node, ast.keyword) and node.arg == "help" and isinstance(node.value, ast.Constant):
            yield node.value.lineno, str(node.value.value)
        elif isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "_COMMANDS" for t in node.targets):
            assert isinstance(node.value, ast.Dict)
            for value in node.value.values:
                assert isinstance(value, ast.Tuple)
                line = value.elts[1]
                assert isinstance(line, ast.Constant)
                yield line.lineno, str(line.value)


def _is_command(decorator: ast.expr) -> bool:
    call = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(call, ast.Attribute) and call.attr in ("command", "group")


def _of_click() -> Iterator[tuple[str, int, str | tuple[str, ...]]]:
    import click

    folder = Path(click.__file__).parent
    for name, _line, message, *_rest in extract_from_dir(folder, [("**.py", "python")], {}, _KEYWORDS):
        yield f"click/{name}", 0, message


def _translations(message: Message) -> list[str]:
    texts = [message.string] if isinstance(message.string, str) else list(message.string or ("",))
    return texts if all(texts) else []


def _first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _other_placeholders(message: Message) -> Iterator[str]:
    # The last form of a plural is the one that names everything.
    source = message.id if isinstance(message.id, str) else message.id[-1]
    for text in _translations(message):
        if _placeholders(source) != _placeholders(text):
            yield f"other placeholders: {source!r} became {text!r}"


def _placeholders(text: str) -> set[str]:
    percent = set(re.findall(r"%\(\w+\)[sd]", text))
    try:
        return percent | {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:  # a text with a lone brace is no format
        return percent


def _update(po: Path, collected: Catalog) -> list[str]:
    catalog = _read(po)
    catalog.update(collected, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.creation_date = catalog.revision_date  # type: ignore[assignment]  # no change in the file when nothing has changed
    catalog.msgid_bugs_address, catalog.last_translator, catalog.language_team = "none", "Inspector", "Inspector"
    with po.open("wb") as file:
        write_po(file, catalog, width=_WIDTH, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return check(catalog, collected)


def _check(po: Path, collected: Catalog) -> list[str]:
    return check(_read(po), collected)


def _compile(po: Path, _collected: Catalog) -> list[str]:
    with po.with_suffix(".mo").open("wb") as file:
        write_mo(file, _read(po))
    return []


def _read(po: Path) -> Catalog:
    with po.open("rb") as file:
        return read_po(file, locale=po.parts[-3])


_ACTIONS: dict[str, Callable[[Path, Catalog], list[str]]] = {"update": _update, "check": _check, "compile": _compile}


def main(action: str) -> int:
    """Do one thing with every language's catalogue; 1 when something is left to translate."""
    collected = Catalog() if action == "compile" else collect()
    problems = [line for po in sorted(LOCALES.rglob("*.po")) for line in _ACTIONS[action](po, collected)]
    for line in problems[:50]:
        print(line)
    if len(problems) > 50:
        print(f"… and {len(problems) - 50} more")
    return 1 if problems and action == "check" else 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in _ACTIONS:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
