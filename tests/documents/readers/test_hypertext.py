"""HTML as the common generators write it."""

from __future__ import annotations

import pytest

from tests.documents.readers.reading import read, rows

PAGE = """\
<!doctype html>
<html><head><title>no prose</title><script>var x = 1;</script></head>
<body>
<nav><p>Home</p><pre>no = code</pre></nav>
<h1>Gradient<a class="headerlink" href="#x">#</a></h1>
<p>The <code>x.grad</code> of
<em>x</em> is \\(2x\\), or <span class="math">\\(2 y\\)</span> &amp;
<script type="math/tex">z^2</script>.</p>
<div class="highlight-python notranslate"><div class="highlight"><pre><span></span><span class="kn">import</span>
<span
 class="n">torch</span>
</pre></div></div>
<pre>
a &lt; b
c
</pre>
<pre><code class="language-python">x = 1<br>y = 2</code></pre>
<ul><li>One<li>Two</ul>
<div class="math notranslate">
\\[a = b\\]
</div>
<script type="math/tex; mode=display">c = d</script>
<p>\\[e = f\\]</p>
<span class="katex-display"><span class="katex"><math><semantics><annotation encoding="application/x-tex">g</annotation>
</semantics></math><span class="katex-html">rubbish</span></span></span>
<footer>Copyright</footer>
</body></html>
"""


def test_every_block_has_its_kind_text_and_line() -> None:
    assert rows(read(PAGE, "html")) == [
        ("prose", "Gradient", 5),
        ("prose", "The `x.grad` of\nx is $2x$, or $2 y$ &\n$z^2$.", 6),
        ("code", "import\ntorch", 9),
        ("code", "a < b\nc", 14),
        ("code", "x = 1\ny = 2", 17),
        ("prose", "One", 18),
        ("prose", "Two", 18),
        ("math", "a = b", 20),
        ("math", "c = d", 22),
        ("math", "e = f", 23),
        ("math", "g", 24),
    ]


def test_lines_inside_a_block_are_those_of_the_file() -> None:
    passages = read(PAGE, "html").passages
    assert [passage.lines for passage in passages[1:5]] == [(6, 7, 8), (9, 11), (14, 15), (17, 17)]
    assert [passage.language for passage in passages[2:5]] == ["python", "", "python"]


PROMPT = '<div class="prompt jp-InputPrompt">In [1]:</div>'


@pytest.mark.parametrize(
    ("around_code", "around_output"),
    [
        ("highlight-python", "sphx-glr-script-out"),
        ("jp-Cell jp-CodeCell", "jp-OutputArea-output"),
        ("cell_input", "cell_output"),
        ("code_cell", "output_area"),
    ],
)
def test_outputs_of_the_common_generators(around_code: str, around_output: str) -> None:
    cell = f'<div class="{around_code}">{PROMPT}<pre>x</pre></div>'
    output = f'<div class="{around_output}"><div class="highlight-none"><pre>1</pre></div></div>'
    document = read(f"<main>{cell}\n{output}</main>", "html")
    assert rows(document) == [("code", "x", 1), ("output", "1", 2)]
    assert document.passages[1].of == 0


def test_line_numbers_and_warnings_are_left_out() -> None:
    text = (
        '<table><tr><td class="linenos"><pre>1\n2</pre></td><td><pre>x = 1\ny = 2</pre></td></table>'
        '<div class="output_area" data-mime-type="application/vnd.jupyter.stderr"><pre>Warning</pre></div>'
    )
    assert rows(read(text, "html")) == [("code", "x = 1\ny = 2", 2)]


def test_sessions_in_a_page() -> None:
    text = '<pre class="highlight-pycon"><b>&gt;&gt;&gt; </b>x\n<b>1</b>\n</pre>'
    assert [(kind, content) for kind, content, _ in rows(read(text, "html"))] == [("session", "x"), ("output", "1")]
