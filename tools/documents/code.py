"""What the program's own classes say of themselves: fields, defaults, docstrings."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from tools.documents.markdown import prose

_SIGNS = (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
_PLAIN = {str: "text", int: "whole number", float: "number", bool: "true, false"}
_PLURAL = {str: "texts", int: "whole numbers", float: "numbers"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One field of a check or a detector, in words."""

    name: str
    allowed: str
    default: str
    meaning: str


def parameters(of: type[Any]) -> Iterator[Parameter]:
    """The fields of a dataclass in their order, with the docstrings below them."""
    said, hints = _field_docs(of), get_type_hints(of, include_extras=True)
    for field in dataclasses.fields(of):
        made = field.default_factory
        default = field.default if made is dataclasses.MISSING else made()
        yield Parameter(field.name, allowed(hints[field.name]), shown(default), prose(said.get(field.name, "")))


def doc(of: object) -> str:
    return prose(inspect.getdoc(of) or "")


def shown(value: object) -> str:
    if value is None or value in ((), {}):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(f"`{item}`" for item in value)
    return f"`{value}`"


def allowed(hint: Any) -> str:
    """A type as a reader of templates needs it: ``number ≥ 0``, ``list of text``."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return " ".join([allowed(inside[0]), *_bounds(inside[1:])])
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in inside)
    if origin is tuple:
        return f"list of {_PLURAL.get(inside[0], allowed(inside[0]))}"
    if origin is dict:
        return f"table of {_PLURAL.get(inside[1], allowed(inside[1]))}"
    if origin in (Union, UnionType):
        return " or ".join(allowed(one) for one in inside if one is not NoneType)
    return _PLAIN.get(hint, getattr(hint, "__name__", str(hint)))


def _bounds(metadata: tuple[Any, ...]) -> list[str]:
    limits = [limit for field in metadata for limit in getattr(field, "metadata", ())]
    return [f"{sign} {getattr(limit, name)}" for name, sign in _SIGNS for limit in limits if hasattr(limit, name)]


def _field_docs(of: type[Any]) -> dict[str, str]:
    """The docstring below each annotated name of a class body, and of the dataclasses it builds on."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(of))).body[0]
    assert isinstance(tree, ast.ClassDef)
    found: dict[str, str] = {}
    for base in of.__bases__:
        if dataclasses.is_dataclass(base):
            found |= _field_docs(base)
    for before, after in zip(tree.body, tree.body[1:], strict=False):
        match before, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
    return found
