"""Characters that a web page, a word processor or a converter put in the place of those of the code."""

from __future__ import annotations

ASCII_FOR_WIDE = str.maketrans("（），：；＝［］｛｝＋－＊／＜＞．！＃％＠＿｜＆＾～", "(),:;=[]{}+-*/<>.!#%@_|&^~")
"""Full-width punctuation and what it stands for in code."""
