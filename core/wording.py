"""Words messages for operators."""


def count_of(number: int, singular: str, plural: str = "") -> str:
    """Returns the number with the matching form: `1 event`, `2 events`. The default plural appends an s."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
