"""What reaches a user: the files of a wheel, one version, pins for every dependency, and targets that exist."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import gradcheck

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the sources, so that the checkout stays clean."""
    folder = tmp_path_factory.mktemp("build")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run([sys.executable, "-c", BUILD, "."], cwd=folder, capture_output=True, check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_a_wheel_holds_every_module_under_the_package_and_nothing_beside_it(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0] for name in names} == {"gradcheck", f"gradcheck-{gradcheck.__version__}.dist-info"}
    sources = {f"gradcheck/{path.relative_to(ROOT)}" for folder in ("formulas", "reports") for path in modules(folder)}
    sources |= {str(path.relative_to(ROOT)) for path in modules("gradcheck")}
    assert {name for name in names if name.endswith(".py")} == sources
    assert "gradcheck/py.typed" in names
    templates = {str(path.relative_to(ROOT)) for path in (ROOT / "gradcheck/rendering/templates").glob("*.*")}
    assert templates <= names


def modules(folder: str) -> list[Path]:
    return list((ROOT / folder).rglob("*.py"))


def test_an_unpacked_wheel_finds_its_content(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = "from gradcheck import catalogue; print(catalogue.__file__, len(catalogue.formulas()), catalogue.broken())"
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    file, count, broken = ran.stdout.split(maxsplit=2)
    assert Path(file).is_relative_to(tmp_path)
    assert int(count) > 0
    assert broken == "()\n"


def test_the_wheel_offers_the_command_and_its_version(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    metadata = f"gradcheck-{gradcheck.__version__}.dist-info"
    assert "gradcheck = gradcheck.cli:main" in archive.read(f"{metadata}/entry_points.txt").decode()
    assert f"\nVersion: {gradcheck.__version__}\n" in archive.read(f"{metadata}/METADATA").decode()


def test_every_dependency_is_pinned_within_its_range() -> None:
    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split())
    pinned = {name.lower(): version for name, version in pins.items()}
    extras = PROJECT["project"]["optional-dependencies"]
    for text in PROJECT["project"]["dependencies"] + extras["dev"] + extras["bench"]:
        requirement = Requirement(text)
        assert requirement.specifier.contains(pinned[requirement.name]), text


def test_set_up_names_no_host() -> None:
    for name in ("pyproject.toml", "Makefile", "constraints.txt", ".ci/run"):
        assert not re.search(
            r"https?://|--(extra-)?index-url|--find-links", (ROOT / name).read_text(encoding="utf-8")
        ), name
