"""Search: finds users and posts by their words, which one tokenizer (`core/words.py`) cuts for both databases."""

from services.search.indexing import count_unindexed, index_words
from services.search.query import search
from services.search.word_index import WordIndex, index_of_post, index_of_user

__all__ = [
    "WordIndex",
    "count_unindexed",
    "index_of_post",
    "index_of_user",
    "index_words",
    "search",
]
