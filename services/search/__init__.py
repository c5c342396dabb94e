"""Search: people and posts by their words, cut by one tokenizer (`core/words.py`) for both engines."""

from services.search.finding import search
from services.search.indexing import count_unindexed, index_words
from services.search.words import Index, index_of_post, index_of_user

__all__ = [
    "Index",
    "count_unindexed",
    "index_of_post",
    "index_of_user",
    "index_words",
    "search",
]
