"""What a function asks of its tensors while it is recorded: values, which stop the recording, and the line it is on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from types import FrameType
from typing import Any

import torch
from torch.fx import traceback as recorded
from torch.fx.experimental.symbolic_shapes import ShapeEnv
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_map

from gradcheck.symbolic.graphs import arguments as call_site
from gradcheck.symbolic.graphs.compositions import FUNCTIONS
from gradcheck.symbolic.graphs.refusals import CHANGES_INPUT, NotTraceable, refused_call
from gradcheck.symbolic.tracing.errors import is_library, line_of


class Watch(TorchFunctionMode):
    """Sees every call of torch's Python functions.

    A call that needs values, or changes one of the `arguments`, raises NotTraceable; whatever is recorded bears the
    user's own line, and so does every condition on sizes that is asked meanwhile (`places`, by its number).
    """

    def __init__(self, arguments: Sequence[torch.Tensor], environment: ShapeEnv) -> None:
        super().__init__()
        self._arguments = [(argument, argument._version) for argument in arguments]
        self._environment = environment
        self.places: dict[int, str] = {}
        self._is_cut = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call `func`, where that can be recorded."""
        place = user_place()
        if func is torch._C._set_grad_enabled:
            self._is_cut = not args[0] and (self._is_cut or torch.is_grad_enabled())
        if sentence := refused_call(func, args):
            raise NotTraceable(*sentence, place)
        recorded.set_stack_trace([place])
        known = len(self._environment.guards)
        returned = FUNCTIONS.get(func, func)(*args, **(kwargs or {}))
        self.places |= dict.fromkeys(range(known, len(self._environment.guards)), place)
        if any(argument._version != version for argument, version in self._arguments):
            raise NotTraceable(*CHANGES_INPUT, place)
        return tree_map(partial(_detached, args), returned) if self._is_cut else returned


def _detached(arguments: Sequence[Any], value: Any) -> Any:
    """What was computed under no_grad(), apart from what was written in place."""
    is_new = torch.is_tensor(value) and value.is_floating_point() and not any(value is each for each in arguments)
    return value.detach() if is_new else value


def user_place() -> str:
    """The line of the user's own code that is being run, such as `model.py:12 (y = x.exp())`; "" where none is."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_library(frame.f_code.co_filename):
        frame = None if frame.f_code.co_filename == call_site.__file__ else frame.f_back
    return line_of(frame.f_code.co_filename, frame.f_lineno) if frame else ""
