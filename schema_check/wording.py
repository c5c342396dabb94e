"""Puts numbers and nouns together for messages."""


def count_of(number: int, noun: str, plural: str = "") -> str:
    """Returns "1 file" or "2 files". The plural defaults to the noun with an "s"."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def hidden_sentence(number: int, noun: str) -> str:
    """Returns the sentence for items that a shortened report leaves out."""
    return f"{count_of(number, f'more {noun}')} {'is' if number == 1 else 'are'} not shown."
