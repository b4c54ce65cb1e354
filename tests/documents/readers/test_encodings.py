"""Bytes that are not UTF-8: the encoding is told right also where there are only a few of them."""

from __future__ import annotations

import pytest

from gradcheck.documents.readers.encodings import decoded

TEXTS = (
    ("梯度是函数变化率最大的方向", "gbk", "gb18030"),
    ("梯度", "gbk", "gb18030"),
    ("结果：tensor([1.])", "gbk", "gb18030"),
    ("梯度是函數變化率最大的方向，學習率很小", "big5", "big5"),
    ("勾配は関数の変化率が最大になる方向です", "shift_jis", "shift_jis"),
    ("기울기는 함수의 변화율이 가장 큰 방향이다", "euc_kr", "euc_kr"),
    ("Le dérivé est égal à zéro, très élevé", "cp1252", "cp1252"),
)


@pytest.mark.parametrize(("text", "encoding", "told"), TEXTS)
@pytest.mark.parametrize("times", [1, 20])
def test_the_encoding_is_told_and_the_text_is_right(text: str, encoding: str, told: str, times: int) -> None:
    written = f"print(w.grad)  # {text}\n" * times
    read, (notice,) = decoded(written.encode(encoding), "a.md")
    assert (read, notice.text) == (written, f"the file is not UTF-8; it was read as {told}")
