"""The settings of a project: the table `[tool.gradcheck]` of the nearest pyproject.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gradcheck.errors import UnknownName, UsageError


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


SETTINGS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "paths": (_is_texts, "a list of files, folders and globs"),
    "exclude": (_is_texts, "a list of globs"),
    "exec": (lambda value: isinstance(value, bool), "true or false"),
    "timeout": (_is_number, "a number of seconds"),
    "jobs": (lambda value: isinstance(value, int) and not isinstance(value, bool), "a whole number"),
    "strict": (lambda value: isinstance(value, bool), "true or false"),
    "only": (_is_texts, "a list of kinds of claims"),
    "format": (_is_text, "the name of a format"),
    "computes": (lambda value: isinstance(value, bool), "true or false"),
}
"""Each setting, whether a value suits it, and what is accepted. Each is an option of `gradcheck verify` too."""


def settings(folder: Path) -> dict[str, Any]:
    """The settings of the nearest pyproject.toml, from `folder` upwards, that has the table; empty where none has.

    Relative paths in it are taken from its own folder. Raises UsageError for a file that is no TOML, and for a setting
    that is unknown or has an unsuitable value.
    """
    for place in (folder, *folder.parents):
        path = place / "pyproject.toml"
        if path.is_file():
            table = _table(path)
            if table is not None:
                return _checked(table, path)
    return {}


def _table(path: Path) -> Mapping[str, object] | None:
    try:
        tools = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: it is no TOML: {error}") from None
    table = tools.get("gradcheck") if isinstance(tools, dict) else None
    return table if isinstance(table, dict) else None


def _checked(table: Mapping[str, object], path: Path) -> dict[str, Any]:
    for name, value in table.items():
        if name not in SETTINGS:
            unknown = UnknownName("setting", name, SETTINGS, f"settings are {', '.join(SETTINGS)}")
            raise UsageError(f"{path}, [tool.gradcheck]: {unknown}")
        suits, accepted = SETTINGS[name]
        if not suits(value):
            raise UsageError(f"{path}, [tool.gradcheck]: {name} = {value!r} is not {accepted}")
    return {name: _from(path.parent, value) if name == "paths" else value for name, value in table.items()}


def _from(folder: Path, paths: Any) -> list[str]:
    """The paths as they are called from here."""
    shown = folder.resolve()
    here = Path.cwd()
    base = Path() if shown == here else shown
    return [str(base / path) for path in paths]
