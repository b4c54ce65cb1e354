"""`gradcheck picture`: it writes the SVG that was asked for, and refuses bad input in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

Cli = Callable[..., "tuple[int, str, str]"]


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["relu", "--kind", "function"], "kink at 0"),
        (["x**2*sin(x)", "--kind", "tangent", "--at", "x=1.5"], "slope 3.15 at x = 1.5"),
        (["a*abs(x)", "--kind", "function", "--at", "a=2", "--span", "-1", "3"], "slopes −2 and 2"),
        (["softmax", "--kind", "jacobian", "--at", "z=[0, 0]"], "−0.25"),
        (["linear", "--kind", "jacobian", "--wrt", "b"], "entry of b"),
        (["exp(x)", "--kind", "steps"], "complex step"),
        (["momentum, adam", "--kind", "paths"], "SGD with momentum"),
    ],
)
def test_a_picture_is_written(arguments: list[str], word: str, gradcheck_cli: Cli) -> None:
    assert gradcheck_cli("picture", *arguments, "--output", "out.svg") == (0, "written: out.svg\n", "")
    svg = Path("out.svg").read_text(encoding="utf-8")
    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert word in svg
    assert [path.name for path in Path.cwd().iterdir()] == ["out.svg"]


def test_a_picture_can_be_printed_and_is_the_same_each_time(gradcheck_cli: Cli) -> None:
    command = ("picture", "tanh", "--kind", "function", "--output", "-")
    code, out, err = gradcheck_cli(*command)
    assert (code, err) == (0, "")
    assert out.startswith("<svg ")
    assert gradcheck_cli(*command).out == out  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sotfmax", "--kind", "function"], "no formula is named 'sotfmax'; did you mean 'softmax'"),
        (["x**2", "--kind", "jacobian"], "no formula is named 'x**2'"),
        (["adam", "--kind", "function"], "'adam' is an update rule; it is drawn with --kind paths"),
        (["relu", "--kind", "paths"], "'relu' is a formula"),
        (["adma", "--kind", "paths"], "no update rule is named 'adma'; did you mean"),
        (["x^2", "--kind", "function"], "write ** for a power"),
        (["x", "--kind", "portrait"], "argument --kind: invalid choice: 'portrait'"),
        (["x"], "the following arguments are required: --kind"),
        (["x", "--kind", "tangent", "--at", "x"], "argument --at: 'x' cannot be read"),
        (["x", "--kind", "tangent", "--at", "x=one"], "argument --at: 'x=one' cannot be read"),
        (["x", "--kind", "tangent", "--at", "x=__import__('os')"], "cannot be read"),
        (["x", "--kind", "tangent", "--at", "x=NaN"], "argument --at: 'x=NaN' cannot be read"),
        (["x", "--kind", "tangent", "--at", "x=true"], "argument --at: 'x=true' cannot be read"),
        (["softmax", "--kind", "jacobian", "--at", "z=[1, [2]]"], "argument --at: 'z=[1, [2]]' cannot be read"),
        (["x", "--kind", "function", "--span", "2", "1"], "from 2 to 1 is no interval"),
        (["x", "--kind", "function", "--span", "a", "1"], "argument --span: invalid float value: 'a'"),
        (["relu", "--kind", "steps", "--span", "0", "1"], "argument --span: a picture of kind steps takes none"),
        (["adam", "--kind", "paths", "--at", "x=1"], "argument --at: a picture of kind paths takes none"),
    ],
)
def test_bad_usage_is_one_line_and_writes_nothing(arguments: list[str], message: str, gradcheck_cli: Cli) -> None:
    code, out, err = gradcheck_cli("picture", *arguments, "--output", "out.svg")
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize(
    ("output", "message"), [("out.png", "does not end in .svg"), ("no/out.svg", "existing folder")]
)
def test_an_output_that_cannot_be_is_refused(output: str, message: str, gradcheck_cli: Cli) -> None:
    code, _, err = gradcheck_cli("picture", "tanh", "--kind", "function", "--output", output)
    assert code == 2
    assert message in err


def test_an_older_picture_stays_where_drawing_fails(gradcheck_cli: Cli) -> None:
    Path("out.svg").write_text("old", encoding="utf-8")
    assert gradcheck_cli("picture", "log(x)", "--kind", "tangent", "--at", "x=-1", "--output", "out.svg")[0] == 2
    assert Path("out.svg").read_text(encoding="utf-8") == "old"
