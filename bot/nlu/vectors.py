"""Word vectors of spaCy's French model, as mean vectors of texts.

Only the tokenizer and the vectors of `fr_core_news_md` are loaded: the matcher needs no tagger, parser
or entity recogniser, and without them the model loads in a fraction of the time and answers in
microseconds a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import spacy
from numpy.typing import NDArray
from spacy.language import Language

from bot.nlu.text import STOP_WORDS, fold

MODEL = "fr_core_news_md"
_UNUSED = ["tok2vec", "tagger", "parser", "morphologizer", "attribute_ruler", "lemmatizer", "senter", "ner"]


@lru_cache(maxsize=1)
def french() -> Language:
    """The spaCy pipeline, loaded once a process."""
    return spacy.load(MODEL, exclude=_UNUSED)


@lru_cache(maxsize=20_000)
def _unit_vector(word: str) -> NDArray[np.float32] | None:
    vocab = french().vocab
    if not vocab.has_vector(word):
        return None
    vector = vocab.get_vector(word)
    norm = float(np.linalg.norm(vector))
    return vector / norm if norm else None


def embed(texts: Sequence[str]) -> NDArray[np.float64]:
    """Mean of the unit vectors of the content words of each text, scaled to unit length.

    Returns an array of shape (len(texts), 300); a text without known word gives zeros.
    """
    language = french()
    out = np.zeros((len(texts), language.vocab.vectors_length))
    for i, text in enumerate(texts):
        words = (token.lower_ for token in language.make_doc(text) if token.is_alpha)
        vectors = [v for w in words if fold(w) not in STOP_WORDS and (v := _unit_vector(w)) is not None]
        if vectors:
            mean = np.mean(vectors, axis=0)
            norm = float(np.linalg.norm(mean))
            out[i] = mean / norm if norm else 0.0
    return out
