"""What the README's map, the import contract and the list of dependencies say is so: nothing left out, nothing made up."""

from __future__ import annotations

import pkgutil
import re
import tomllib
from pathlib import Path

import pytest

import inspector
from tests.manual import DOCS

_ROOT = DOCS.parent
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))
_PARTS = {
    "addons", "captures", *(f"inspector.{part.name}" for part in pkgutil.iter_modules(inspector.__path__)),
}  # fmt: skip
_PATH = re.compile(r"`((?:inspector|addons|captures|docs|tests|tools)(?:/[\w.-]+)+)`")


def test_the_import_contract_has_a_layer_for_every_part() -> None:
    [contract] = [one for one in _PROJECT["tool"]["importlinter"]["contracts"] if one["type"] == "layers"]
    layers = [part for layer in contract["layers"] for part in layer.split(" | ")]
    assert sorted(layers) == sorted(_PARTS)


def test_the_map_of_the_readme_names_every_part() -> None:
    readme = (_ROOT / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| (`.+?) \|", readme.partition("| package | what it knows |")[2], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([\w/]+)`", row)}
    assert {part.removeprefix("inspector.") for part in _PARTS} == {name.removeprefix("inspector/") for name in named}


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", *(f"docs/{page.name}" for page in DOCS.glob("*.md"))])
def test_every_path_that_a_page_names_is_there(page: str) -> None:
    missing = [
        path
        for path in _PATH.findall((_ROOT / page).read_text("utf-8"))
        if not (_ROOT / path).exists() and not (_ROOT / f"{path}.py").exists()
    ]
    assert missing == []


def test_the_plan_names_modules_that_are_there() -> None:
    """Its paths begin below ``inspector`` or at the top."""
    plan = (DOCS / "plan-foundations.md").read_text("utf-8")
    paths = re.findall(r"`([a-z_]+(?:/[a-z_]+)+)`", plan)
    assert len(paths) > 10
    tops = (_ROOT, _ROOT / "inspector")
    assert [path for path in paths if not any(_there(top / path) for top in tops)] == []


def _there(path: Path) -> bool:
    return path.is_dir() or path.with_suffix(".py").is_file()


def test_every_dependency_has_its_reason_and_no_other() -> None:
    project = _PROJECT["project"]
    wanted = [
        *_PROJECT["build-system"]["requires"],
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    names = {re.split(r"[\[<>=;\s]", one)[0].lower() for one in wanted} - {project["name"]}
    table = (DOCS / "dependencies.md").read_text("utf-8")
    rows = [row.split(" | ")[0] for row in re.findall(r"^\| (.+?) \|$", table, re.MULTILINE)[1:]]
    told = [re.split(r"[<\s]", name)[0].lower() for row in rows for name in row.split(", ")]
    vendored = {"uplot", "axe-core"}
    assert sorted(told) == sorted(names | vendored)
