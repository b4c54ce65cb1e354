"""What does not run: told at its line, with the names that mislead from there on."""

from __future__ import annotations

from gradcheck.documents.sandbox.job import CodeBlock
from gradcheck.documents.sandbox.sandbox import Sandbox
from tests.documents.sandbox.blocks import kinds, laid_out, printed


def test_a_failure_ends_its_block_and_no_other(sandbox: Sandbox) -> None:
    run = sandbox.run(laid_out("a = 1\nb = a / 0\nc = a\nd = c", "print(a)"))
    assert [
        (failure.kind, failure.line, failure.end_line, failure.text, failure.names) for failure in run.failures
    ] == [
        ("raised", 2, 2, "ZeroDivisionError: division by zero", ("b",)),
        ("skipped", 3, 4, "not run after the failure above", ("c", "d")),
    ]
    assert printed(run) == ["1"]


def test_the_names_of_what_failed_are_those_of_the_document(sandbox: Sandbox) -> None:
    run = sandbox.run(
        laid_out("import math\nfor i in range(3):\n    a = i\n    print(f'{a}', math.pi)\n    b = 1 / (1 - i)")
    )
    assert [failure.names for failure in run.failures] == [("a", "b", "i")]


def test_a_library_that_is_missing_takes_only_its_own_name_away(sandbox: Sandbox) -> None:
    run = sandbox.run(laid_out("import nosuchlibrary as n\nimport math\nprint(math.pi > 3)\nn.f()\nm = 1"))
    assert [(failure.kind, failure.line, failure.names) for failure in run.failures] == [
        ("raised", 1, ("n",)),
        ("raised", 4, ("n",)),
        ("skipped", 5, ("m",)),
    ]
    assert printed(run) == ["True"]


def test_a_prompt_goes_on_after_a_failure(sandbox: Sandbox) -> None:
    run = sandbox.run(laid_out("1 / 0\n2", shows="every"))
    assert kinds(run) == [("raised", 0)]
    assert run.outputs == {0: "2\n"}


def test_stale_names_are_gone(sandbox: Sandbox) -> None:
    run = sandbox.run(laid_out("a = b = c = 1", "a = undefined\nb = 2", "c", "a", "b"))
    assert [(failure.block, failure.text) for failure in run.failures if failure.kind == "raised"] == [
        (1, "NameError: name 'undefined' is not defined"),
        (3, "NameError: name 'a' is not defined"),
        (4, "NameError: name 'b' is not defined"),
    ]


def test_a_failure_inside_a_function_tells_its_line(sandbox: Sandbox) -> None:
    run = sandbox.run(laid_out("def f():\n    raise ValueError('no')", "f()"))
    assert [(failure.line, failure.text) for failure in run.failures] == [(5, "ValueError: no (on line 2)")]


def test_what_does_not_parse_takes_nothing_else_down(sandbox: Sandbox) -> None:
    run = sandbox.run([CodeBlock(3, "x = 1\ny = = 2", (5, 6)), CodeBlock(4, "print(1)", (9,))])
    assert [(failure.kind, failure.block, failure.line) for failure in run.failures] == [("syntax", 3, 6)]
    assert printed(run) == ["1"]


def test_the_rest_of_a_run_that_was_cut_off_is_told_block_by_block(sandbox: Sandbox) -> None:
    run = sandbox.run(laid_out("import os\na = 1\nos._exit(4)\nb = 1", "c = 1\nd = 2", ")"))
    assert [
        (failure.kind, failure.block, failure.line, failure.end_line, failure.names) for failure in run.failures
    ] == [
        ("exited", 0, 3, 3, ("os",)),
        ("skipped", 0, 4, 4, ("b",)),
        ("skipped", 1, 7, 8, ("c", "d")),
    ]
    assert "status 4" in run.failures[0].text
