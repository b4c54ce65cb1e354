"""What is recorded: the right values, at the right lines, with the sources as they are written."""

from __future__ import annotations

import pytest

from gradcheck.documents.records import Record
from gradcheck.documents.sandbox.job import CodeBlock
from gradcheck.documents.sandbox.sandbox import Sandbox
from tests.documents.sandbox.blocks import laid_out, printed


def records(sandbox: Sandbox, code: str) -> list[Record]:
    run = sandbox.run(laid_out(code))
    assert run.failures == ()
    return list(run.records)


def told(record: Record) -> tuple[str, int, tuple[str, ...], tuple[str, ...]]:
    return record.how, record.line, record.sources, tuple(value.shown for value in record.values)


def test_prints_bare_expressions_and_assignments(sandbox: Sandbox) -> None:
    found = records(sandbox, "a = b = 1\na + b\nprint(a, 'x', sep='-')\n(c, [d, *e]) = 1, (2, 3, 4)\na += 5")
    assert list(map(told, found)) == [
        ("assigned", 1, ("a", "b"), ("1", "1")),
        ("bare", 2, ("a + b",), ("2",)),
        ("print", 3, ("a", "'x'"), ("1", "'x'")),
        ("assigned", 4, ("c", "d", "e"), ("1", "2", "[3, 4]")),
        ("assigned", 5, ("a",), ("6",)),
    ]


@pytest.mark.parametrize(
    ("call", "text", "sources", "values"),
    [
        (
            "print(f'{x:.2f} and {y!r:>4}: {x + 1 = }')",
            "3.14 and  'b': x + 1 = 4.14159",
            "x|y|x + 1",
            "3.14159|'b'|4.14159",
        ),
        ("print('a', x, end='')", "a 3.14159", "'a'|x", "'a'|3.14159"),
        ("print(*z, y, sep=', ')", "1, 2, b", "*z|*z|y", "1|2|'b'"),
        ("print()", "", "", ""),
        ("print(f'{x:{z[1]}.{z[0]}f}')", "3.1", "x", "3.14159"),
        ("print(f'{{}}{y}' 'c')", "{}bc", "y", "'b'"),
        ("print('%.1f' % x)", "3.1", "'%.1f' % x", "'3.1'"),
        ("print( x  *  2 ,)", "6.28318", "x  *  2", "6.28318"),
        ("print(x, file=__import__('sys').stderr)", "3.14159", "x", "3.14159"),
    ],
)
def test_what_print_writes_and_of_what(sandbox: Sandbox, call: str, text: str, sources: str, values: str) -> None:
    found = records(sandbox, f"x, y, z = 3.14159, 'b', [1, 2]\n{call}")[-1]
    assert found.text == text
    assert "|".join(found.sources) == sources
    assert "|".join(value.shown for value in found.values) == values


def test_a_print_to_a_file_is_no_record(sandbox: Sandbox) -> None:
    found = records(sandbox, "import io\nprint(1, file=io.StringIO())\nprint(2)")
    assert [record.text for record in found] == ["2"]


def test_values_are_those_of_the_moment(sandbox: Sandbox) -> None:
    found = records(sandbox, "a = [1]\nprint(a)\na.append(2)\nprint(a)")
    assert [record.values[0].text for record in found] == ["[1]", "[1]", "[1, 2]"]


def test_loops_functions_and_methods_record_with_their_occurrence(sandbox: Sandbox) -> None:
    code = """
        def square(x):
            "A square."
            y = x * x
            return y

        class Model:
            size = 3
            def __init__(self):
                self.w = 1
            def step(self):
                print("step", self.w)

        model = Model()
        for i in range(2):
            model.step(); square(i)
        print(square.__doc__, Model.size, [square(3) for _ in range(1)], (lambda: 5)())
    """
    found = records(sandbox, code)
    assert [(record.line, record.occurrence, record.sources, record.values[-1].text) for record in found] == [
        (9, 0, ("self.w",), "1"),
        (13, 0, ("model",), found[1].values[0].text),
        (11, 0, ('"step"', "self.w"), "1"),
        (3, 0, ("y",), "0"),
        (15, 0, ("square(i)",), "0"),
        (11, 1, ('"step"', "self.w"), "1"),
        (3, 1, ("y",), "1"),
        (15, 1, ("square(i)",), "1"),
        (3, 2, ("y",), "9"),
        (16, 0, ("square.__doc__", "Model.size", "[square(3) for _ in range(1)]", "(lambda: 5)()"), "5"),
    ]


def test_many_occurrences_are_counted_only(sandbox: Sandbox) -> None:
    found = records(sandbox, "for i in range(1000):\n    print(i)\nprint(i)")
    assert [record.occurrence for record in found if record.line == 2] == list(range(100))
    assert found[-1].text == "999"


def test_code_keeps_its_meaning(sandbox: Sandbox) -> None:
    code = """
        from __future__ import annotations
        import dataclasses, enum, inspect
        @dataclasses.dataclass
        class Point:
            x: NoSuchType = 1
        class Colour(enum.Enum):
            RED = 1
        def generator():
            received = yield 1
            yield received
        def source(): return 7
        g = generator()
        a, b = next(g), g.send("b")
        global_names = [name for name in globals() if "record" in name]
        if __name__ == "__main__": c = (d := 4) + 1
        try:
            raise KeyError("k")
        except KeyError as e: text = str(e)
        print(Point(), Colour.RED.value, a, b, c, d, text, global_names, inspect.getsource(source), sep="|", end="")
    """
    found = records(sandbox, code)[-1]
    assert found.text == "Point(x=1)|1|1|b|5|4|'k'|[]|def source(): return 7\n"[:-1]


def test_an_index_that_does_something_is_not_read_twice(sandbox: Sandbox) -> None:
    found = records(sandbox, "i = iter([0, 1])\na = [0, 0]\na[next(i)] = 5\na[1] = 6\nprint(next(i), a)")
    assert found[-1].text == "1 [5, 6]"
    assert [record.sources for record in found] == [("i",), ("a",), ("a[1]",), ("next(i)", "a")]


def test_functions_that_are_translated_from_their_code_are_left_alone(sandbox: Sandbox) -> None:
    code = """
        import inspect
        def jit(f):
            return f.__code__.co_names
        @jit
        def f(x):
            y = x
            print(y)
        print(f)
    """
    assert printed(sandbox.run(laid_out(code))) == ["('print',)"]


@pytest.mark.parametrize(
    ("shows", "source", "output"),
    [
        ("every", "1\n'a'\nNone\nx = 2\nfor i in range(2): i\nx", "1\n'a'\n0\n1\n2\n"),
        ("last", "1\n2", "2\n"),
        ("last", "1\n2;", ""),
        ("last", "'a'", "'a'\n"),
        ("last", "if True:\n    2", ""),
        ("nothing", "1\n2", ""),
    ],
)
def test_shown_expressions_are_in_the_output(sandbox: Sandbox, shows: str, source: str, output: str) -> None:
    assert sandbox.run(laid_out(source, shows=shows)).outputs == {0: output}  # type: ignore[arg-type]


def test_lines_are_the_documents(sandbox: Sandbox) -> None:
    source = "x = (1 +\n     2)\n\nprint(x,\n      x)"
    run = sandbox.run([CodeBlock(4, source, (10, 20, 21, 22, 30))])
    assert [(record.block, record.line, record.end_line) for record in run.records] == [(4, 10, 20), (4, 22, 30)]
    joined = sandbox.run([CodeBlock(4, "x = (1 +\n  2)\nprint(x)", (7, 7, 7))])
    assert [(record.line, record.end_line) for record in joined.records] == [(7, 7), (7, 7)]


def test_what_is_alive_after_a_line(sandbox: Sandbox) -> None:
    run = sandbox.run(laid_out("x = 1\n_hidden = 2\ny = x + 1\ndel x\nz = y"))
    alive = {line: {name: value.entries for name, value in values.items()} for line, values in run.live.items()}
    assert alive == {
        1: {"x": (1,)},
        2: {"x": (1,)},
        3: {"x": (1,), "y": (2,)},
        5: {"y": (2,), "z": (2,)},
    }


def test_a_forked_child_that_runs_on_ends_with_its_block(sandbox: Sandbox) -> None:
    run = sandbox.run(laid_out("import os\nchild = os.fork()\nif child: os.wait()\nprint('both')", "print('parent')"))
    assert run.outputs == {0: "both\nboth\n", 1: "parent\n"}
    assert printed(run) == ["both", "parent"]


def test_a_forked_child_reports_nothing(sandbox: Sandbox) -> None:
    run = sandbox.run(
        laid_out(
            "import os\nchild = os.fork()\nif child == 0:\n    print('child')\n    os._exit(0)\nos.wait()",
            "print('parent')",
        )
    )
    assert printed(run) == ["parent"]
    assert run.outputs[0] == "child\n"
