"""What MODULE:FUNCTION names on the command line: loaded, and made something that can be called."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from gradcheck.errors import UnknownName, UsageError


def load_target(target: str) -> Any:
    """The object that MODULE:FUNCTION names; UsageError where there is none."""
    module_name, _, path = target.rpartition(":")
    if not module_name or not path:
        raise UsageError(f"argument MODULE:FUNCTION: {target!r} names no function; write layers.py:Swish or torch:sin")
    try:
        module = _file(Path(module_name)) if module_name.endswith(".py") else _module(module_name)
    except UsageError:
        raise
    except (Exception, SystemExit) as error:
        reason = next(iter(str(error).splitlines()), "")
        raise UsageError(f"{module_name} raises {type(error).__name__} when it is imported: {reason}") from error
    found: Any = module
    for name in path.split("."):
        if not hasattr(found, name):
            known = [each for each in dir(found) if not each.startswith("_")]
            raise UsageError(f"{module_name}: {UnknownName('function', name, known)}")
        found = getattr(found, name)
    return found


def _file(path: Path) -> ModuleType:
    """A module by its file; its neighbours can be imported, as when it is run."""
    if not path.is_file():
        raise UsageError(f"argument MODULE:FUNCTION: there is no file {str(path)!r}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"argument MODULE:FUNCTION: {str(path)!r} is no Python file")
    _importable(path.resolve().parent)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # dataclasses and pickles look their module up
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[path.stem]
        raise
    return module


def _module(name: str) -> ModuleType:
    _importable(Path.cwd())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and f"{name}.".startswith(f"{error.name}."):
            raise UsageError(f"argument MODULE:FUNCTION: there is no module {error.name!r}") from None
        raise


def _importable(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def callable_target(found: Any, target: str, dtype: Any) -> Any:
    """The function to check: a module of the dtype, an autograd.Function's `apply`, or the function itself."""
    import torch

    if isinstance(found, type) and issubclass(found, torch.autograd.Function):
        return found.apply
    if isinstance(found, type) and issubclass(found, torch.nn.Module):
        try:
            found = found()
        except Exception as error:
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            raise UsageError(f"{target} cannot be made without arguments: {reason}") from error
    if isinstance(found, torch.nn.Module):
        return found.to(dtype)
    if isinstance(found, type) or not callable(found):
        raise UsageError(
            f"{target} is a {type(found).__name__}; a function, nn.Module or autograd.Function is accepted"
        )
    return found
