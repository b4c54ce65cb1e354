"""The catalogue finds content, keeps broken modules to themselves, and helps with misspelt names."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gradcheck import catalogue
from gradcheck.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent

PRINT_CATALOGUE = """
import json, sys
from gradcheck import catalogue
print(json.dumps({
    "formulas": [each.name for each in catalogue.formulas()],
    "claims": [each.id for each in catalogue.claims()],
    "broken": {module.name: module.error for module in catalogue.broken()},
    "heavy": [name for name in ("torch", "sympy", "numpy") if name in sys.modules],
}))
"""


def named(*names: str, key: str = "name") -> str:
    """The source of a content module whose items have these names."""
    items = "".join(f"N({key}={name!r}), " for name in names)
    return f"from types import SimpleNamespace as N\n{'FORMULAS' if key == 'name' else 'CLAIMS'} = ({items})\n"


def checkout(folder: Path, modules: dict[str, str]) -> Path:
    """A bare checkout that holds this package and these content modules alone."""
    shutil.copytree(ROOT / "gradcheck", folder / "gradcheck", ignore=shutil.ignore_patterns("__pycache__"))
    for path, source in {"formulas/__init__.py": "", "reports/__init__.py": "", **modules}.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(source, encoding="utf-8")
    return folder


def listing(folder: Path) -> dict[str, object]:
    """The catalogue of a checkout, seen from a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-c", PRINT_CATALOGUE], cwd=folder, capture_output=True, text=True, check=True
    )
    seen: dict[str, object] = json.loads(ran.stdout)
    return seen


def test_content_is_found_in_a_bare_checkout_in_a_stable_order_and_without_heavy_imports(tmp_path: Path) -> None:
    modules = {"formulas/b.py": named("z", "y"), "formulas/a.py": named("x"), "reports/c.py": named("A1", key="id")}
    seen = listing(checkout(tmp_path, modules | {"formulas/_helper.py": "raise RuntimeError"}))
    assert seen == {"formulas": ["x", "z", "y"], "claims": ["A1"], "broken": {}, "heavy": []}


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import absent_package", "ModuleNotFoundError: No module named 'absent_package'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("1 +", "SyntaxError: invalid syntax"),
        ("FORMULA = ()", "ValueError: it has no tuple FORMULAS"),
        (named("same", "same"), "ValueError: the name 'same' is used twice"),
        (named("good"), "ValueError: the name 'good' is used twice"),
        ("FORMULAS = (1,)", "AttributeError: 'int' object has no attribute 'name'"),
    ],
)
def test_a_broken_module_is_recorded_and_takes_no_other_down(tmp_path: Path, source: str, error: str) -> None:
    modules = {"formulas/a.py": named("good"), "formulas/m.py": source, "formulas/z.py": named("last")}
    seen = listing(checkout(tmp_path, modules))
    assert seen["formulas"] == ["good", "last"]
    assert isinstance(seen["broken"], dict)
    assert list(seen["broken"]) == ["gradcheck.formulas.m"]
    assert seen["broken"]["gradcheck.formulas.m"].startswith(error)


def test_another_package_adds_formulas_by_entry_point(tmp_path: Path) -> None:
    folder = checkout(tmp_path, {"formulas/a.py": named("ours")})
    (folder / "theirs.py").write_text(named("their_formula"), encoding="utf-8")
    metadata = folder / "theirs-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text("[gradcheck.formulas]\nx = theirs\ny = missing\n", encoding="utf-8")
    seen = listing(folder)
    assert seen["formulas"] == ["ours", "their_formula"]
    assert seen["broken"] == {"missing": "ModuleNotFoundError: No module named 'missing'"}


def test_all_bundled_content_loads() -> None:
    assert catalogue.broken() == ()
    assert catalogue.formulas()
    assert catalogue.claims()


def test_each_item_is_found_by_name() -> None:
    assert catalogue.formula("sigmoid").name == "sigmoid"
    assert catalogue.claim("A2").id == "A2"
    assert catalogue.update_rule("adam").name == "adam"


@pytest.mark.parametrize(
    ("find", "name", "message"),
    [
        (catalogue.formula, "sotfmax", r"^no formula is named 'sotfmax'; did you mean 'softmax'"),
        (catalogue.claim, "a2", r"^no claim is named 'a2'; did you mean 'A2'"),
        (catalogue.formula, "adam", r"^name: 'adam' is an update rule; catalogue.update_rule\('adam'\) gives it$"),
        (catalogue.update_rule, "tanh", r"^name: 'tanh' is a formula; catalogue.formula\('tanh'\) gives it$"),
        (catalogue.update_rule, "adem", r"^no update rule is named 'adem'; did you mean 'adam'"),
        (catalogue.formula, "", r"^no formula is named ''; `gradcheck formulas` lists them$"),
    ],
)
def test_an_unknown_or_mistaken_name_says_what_to_do(find: object, name: str, message: str) -> None:
    assert callable(find)
    with pytest.raises(UsageError, match=message):
        find(name)
