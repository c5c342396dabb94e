"""Names, texts and credentials of the demo data."""

from collections.abc import Iterator

DEMO_HANDLES = ("ana", "ben", "chi", "dia")

NAMES = {
    "ana": "Ana Lima", "ben": "Ben Okafor", "chi": "Chi Nguyen", "dia": "Dia Sharma",
    "aki": "Aki Tanaka", "amir": "Amir Haddad", "bea": "Bea Novak", "cleo": "Cléo Martin", "dev": "Dev Patel",
    "eli": "Eli Katz", "ema": "Ema Horvat", "fay": "Fay Wong", "finn": "Finn Larsen", "gia": "Gia Russo",
    "hal": "Hal Brooks", "hana": "Hana Kim", "ida": "Ida Berg", "ivo": "Ivo Petrov", "jan": "Jan de Vries",
    "joy": "Joy Mensah", "kai": "Kai Nakamura", "kira": "Kira Sokolova", "leo": "Leo Fischer", "lina": "Lina Castro",
    "lou": "Lou Bernard", "mai": "Mai Tran", "max": "Max Weber", "mia": "Mia Rossi", "nia": "Nia Adeyemi",
    "noa": "Noa Levi", "oki": "Oki Sato", "ola": "Ola Nowak", "pia": "Pia Virtanen", "quin": "Quin Murphy",
    "rae": "Rae Campbell", "ravi": "Ravi Iyer", "sam": "Sam Ortega", "suri": "Suri Rao", "tao": "Tao Chen",
    "tess": "Tess Dubois", "uma": "Uma Nair", "vik": "Vik Olsen", "wen": "Wen Li", "yara": "Yara Aziz",
}  # fmt: skip

BIOS = (
    "Slow mornings, fast bikes.", "Bakes bread and breaks builds.", "Photographs doors.", "Here for the maps.",
    "Tea before talk.", "Gardens on a balcony.", "Reads the manual.", "Runs, mostly late.", None,
)  # fmt: skip

OPENINGS = (
    "Finally", "Today", "Did you know", "Small win:", "Note to self:", "After three tries", "Before breakfast",
    "On the way home", "Nobody asked, but", "Best of this week:",
)  # fmt: skip

THINGS = (
    "the night train leaves on time", "this soup needs more lemon", "the library stays open until ten",
    "my neighbour plays the cello", "the new bakery sells yesterday's bread for half", "swifts sleep in the air",
    "the old ferry runs again", "I fixed the bicycle with a spoon", "the river is warm enough to swim in",
    "we painted the door blue", "the market has figs", "the app opens faster than the kettle boils",
)  # fmt: skip

REPLIES = (
    "Love this.", "Where is that?", "Same here!", "Save me some.", "I have to try it.", "No way.", "Thanks!",
    "Tell me more.", "That made my day.", "Next time call me.",
)  # fmt: skip

NOTES = ("Lunch", "Tickets", "Half of the rent", "For the cake", "Thank you!", None)


def demo_email(handle: str) -> str:
    return f"{handle}@example.com"


def demo_password(handle: str) -> str:
    return f"open-sesame-{handle}"


def people(count: int) -> Iterator[tuple[str, str]]:
    """Yields handles and names: the fixed ones first, then combinations of them."""
    known = list(NAMES.items())
    yield from known[:count]
    lasts = [name.split(" ", 1)[1] for _, name in known]
    for number in range(len(known), count):
        handle, name = known[number % len(known)]
        first = name.split(" ", 1)[0]
        yield f"{handle}{number}", f"{first} {lasts[number * 7 % len(lasts)]}"
