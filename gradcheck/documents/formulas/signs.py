"""The signs of formulas: one table for LaTeX and for Unicode, so that both mean the same."""

from __future__ import annotations

import re


def _same(words: str) -> dict[str, str]:
    return {word: word for word in words.split()}


def _spelt(pairs: str) -> dict[str, str]:
    """A table written as "sign=meaning" apart by white space."""
    return {sign: meaning for sign, _, meaning in (pair.partition("=") for pair in pairs.split())}


GREEK_NAMES = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Sigma",
    "Phi",
    "Psi",
    "Omega",
]
GREEK = dict(zip("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΣΦΨΩ", GREEK_NAMES, strict=True))
VARIANTS = _spelt("varepsilon=epsilon vartheta=theta varphi=phi ell=l ϕ=phi ϵ=epsilon ℓ=l infty=infinity ∞=infinity")

FUNCTIONS = _same(
    "sin cos tan sinh cosh tanh exp log sqrt sign max min erf det tr softmax sigmoid relu softplus gelu silu elu mean "
    "sum logsumexp norm mish softsign abs leaky_relu logdet diag atan asin acos"
) | _spelt(
    "ln=log ReLU=relu Sigmoid=sigmoid Softmax=softmax GELU=gelu swish=silu arctan=atan arcsin=asin arccos=acos "
    "sgn=sign trace=tr Tr=tr Tanh=tanh SiLU=silu LeakyReLU=leaky_relu Softplus=softplus maximum=max minimum=min "
    "Swish=silu ELU=elu softMax=softmax logistic=sigmoid"
)
"""Functions that every document may use without saying what they are."""

SIGNS = (
    {sign: sign for sign in "+-*/=<>,|^_'!:@&∂∇∑∫‖√⊙⟨⊤≠≈→∈⊗∼"}
    | {"＝": "=", "≡": "="}
    | _spelt(
        "−=- –=- ·=· ×=· ⋅=· ∙=· ÷=/ ≤=<= ≥=>= ∘=⊙ ’=' ′=' ″='' Σ=∑ ：=: ，=, ；=; ;=; ∥=‖ ∣=| 𝜕=∂ ～=∼ ~=∼ ＋=+ "
        "－=- ＊=* ／=/ ＜=< ＞=>"
    )
)
LONGER = (
    ("**", "^"), ("||", "‖"), ("<=", "<="), (">=", ">="), ("==", "=="), (":=", ":="), ("->", "→"), ("=>", "→"),
    ("!=", "≠"), ("<-", "←"),
)  # fmt: skip
ANGLES = {"langle": "⟨", "rangle": "⟩"}
"""Brackets of an inner product."""
OPENING = dict(zip("([{（［", ")]})]", strict=True))
CLOSING = dict(zip(")]}）］", ")]})]", strict=True))
VULGAR = {"½": "0.5", "¼": "0.25", "¾": "0.75"}
POWERS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵀⁿᵗ", "0123456789-+Tnt", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₙₘ", "0123456789ijknm", strict=True))

COMMANDS = {"|": "‖", "equiv": "=", "triangleq": ":=", "coloneqq": ":="} | _spelt(
    "cdot=· times=· ast=* odot=⊙ circ=⊙ partial=∂ nabla=∇ sum=∑ int=∫ le=<= leq=<= leqslant=<= ge=>= geq=>= "
    "geqslant=>= lt=< gt=> approx=≈ mid=| vert=| lvert=| rvert=| Vert=‖ lVert=‖ rVert=‖ prime=' top=⊤ intercal=⊤ to=→ "
    "rightarrow=→ leftarrow=← gets=← in=∈ neq=≠ ne=≠ div=/ sim=∼ implies=→ Rightarrow=→ iff=→ propto=∝ Leftrightarrow=→"
)
SILENT = frozenset(
    [
        "left",
        "right",
        "big",
        "Big",
        "bigg",
        "Bigg",
        "bigl",
        "bigr",
        "Bigl",
        "Bigr",
        "biggl",
        "biggr",
        "Biggl",
        "Biggr",
        "displaystyle",
        "textstyle",
        "limits",
        "nolimits",
        "nonumber",
        "notag",
        ",",
        ";",
        "!",
        ":",
        ">",
        "enspace",
        "thinspace",
        "mathstrut",
        "strut",
    ]
) | {" ", "\n"}
FRACTIONS = frozenset(["frac", "dfrac", "tfrac", "cfrac"])
WIDE = frozenset(["quad", "qquad"])
"""Spaces wide enough to set one formula apart from the next."""
WIDTH = re.compile(r"(\d*\.?\d+)\s*(em|ex|in|cm|mm|pt)")
EMS = {"em": 1.0, "ex": 0.43, "in": 7.2, "cm": 2.8, "mm": 0.28, "pt": 0.1}
"""How wide a unit of length is, by the width of an M."""
JOINING = frozenset([*"+-*/·=<>&^_⊙", "<=", ">=", ":=", "≈", "≠"])
"""Signs beside which such a space does not."""
INDICATOR = "indicator"
"""The function that is 1 where what its brackets say is so, and 0 elsewhere."""
COMPARED = re.compile(r"\s*(?:\\left\s*)?(?:\(|\[|\\\{)[^()\[\]{}=]*?(?:[<>]|\\[gl]eq?(?:slant)?(?![a-z]))")
"""A comparison in brackets."""
ELLIPSES = frozenset(["ldots", "cdots", "dots", "vdots", "ddots", "dotsc", "dotsb"])
FONTS = frozenset(["mathbf", "boldsymbol", "bm", "vec", "mathbfit", "pmb"])
PLAIN = frozenset(
    [
        "mathrm",
        "text",
        "textrm",
        "operatorname",
        "mathit",
        "mathsf",
        "textit",
        "texttt",
        "mathtt",
        "textbf",
        "mathcal",
        "mathbb",
    ]
)
HATS = _spelt("hat=hat widehat=hat bar=bar overline=bar tilde=tilde widetilde=tilde")
COMBINING = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde"}

TWO_LETTERS = frozenset(
    [
        "is",
        "of",
        "to",
        "in",
        "if",
        "as",
        "at",
        "by",
        "we",
        "so",
        "or",
        "an",
        "be",
        "it",
        "on",
        "do",
        "no",
        "he",
        "me",
        "my",
        "up",
        "us",
        "am",
        "go",
        "vs",
        "re",
        "lr",
        "nn",
        "np",
        "pi",
        "tf",
        "et",
        "al",
        "ii",
    ]
)
"""Words and abbreviations of two letters; any other two letters are a product, as in wx + b."""

DOTS = re.compile(r"\.\s?\.\s?\.|…|⋯")
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][-+]?\d+(?![\w.]))?|\.\d+")
WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*(?:[\u0302-\u0304])?")
TWO_UPRIGHT = re.compile(r"[A-Za-z]{2}")
COMMAND = re.compile(r"\\([A-Za-z]+\*?|.)", re.DOTALL)
GROUP = re.compile(r"\s*\{([^{}]*)\}")
_OPERAND = (
    r"(?:[^\W\d_][\w\u0302-\u0304]*'?(?:\((?:[^()]|\([^()]*\))*\))?"
    r"|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)[²^\d]*|‖[^‖]*‖[²^\d]*|\|\|(?:[^|])*\|\|[²^\d₂_]*|\|[^|\n]*\|)"
)
ABOVE = re.compile(rf"[d∂](?:\^?[2-4]|[²³⁴])?\s?(?:{_OPERAND})?\s*/\s*(?=[d∂]\s?[^\W\d_(]|[d∂]\()")
"""The upper half of dy/dx in one line, up to and with the stroke."""
