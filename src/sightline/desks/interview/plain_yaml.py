"""YAML from strangers as plain values: bounded, without aliases, and never an object of Python."""

from __future__ import annotations

from typing import Any

import yaml

_OF_TAGS = (LookupError, AttributeError, TypeError, ArithmeticError)
"""What PyYAML raises besides its own for values such as ``!!bool maybe``."""


class _NoAliases(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        # A few aliases of aliases stand for billions of values.
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed here")
        return super().compose_node(parent, index)


class _OnlyText(_NoAliases):
    """Leaves every value as it was written: YAML 1.1 reads 1:30 as the number 90, and no as false."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012


def plain_from_yaml(text: str, *, most_bytes: int, only_text: bool = False) -> object:
    """The value of a YAML text. Raises `ValueError` with the problem for people who write YAML."""
    if len(text.encode("utf-8", "surrogatepass")) > most_bytes:
        raise ValueError(f"longer than {most_bytes} bytes")
    try:
        return yaml.load(text, Loader=_OnlyText if only_text else _NoAliases)  # noqa: S506  (safe loaders)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(" ".join(str(error).split())) from None
    except _OF_TAGS as error:
        raise ValueError(f"a value is not what its tag says: {error}") from None
