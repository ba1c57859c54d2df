"""The sentences people read, in every language Sightline speaks."""

from sightline.text.catalogue import LANGUAGES, Language, Message, catalogue, words

__all__ = ["LANGUAGES", "Language", "Message", "catalogue", "words"]
