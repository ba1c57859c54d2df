"""The sentences people read, in every language Sightline speaks."""

from sightline.text.catalogue import LANGUAGES, Language, Message, catalogue, told_by_others, words

__all__ = ["LANGUAGES", "Language", "Message", "catalogue", "told_by_others", "words"]
