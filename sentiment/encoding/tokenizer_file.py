"""A tokenizer.json, checked before the `tokenizers` library makes a tokenizer of it: it may come from anybody."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sentiment.errors import InputError
from sentiment.storage.manifest import as_json

_MODELS = {"WordPiece", "BPE", "Unigram"}
_KINDS = {
    "normalizer": {
        *("BertNormalizer", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Nmt", "Prepend", "Replace", "Sequence"),
        *("Strip", "StripAccents"),
    },
    "pre_tokenizer": {
        *("BertPreTokenizer", "ByteLevel", "Digits", "Metaspace", "Punctuation", "Sequence", "Split", "Whitespace"),
        "WhitespaceSplit",
    },
    "post_processor": {"BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing"},
}
_DEEPEST = 3  # of sequences in sequences


def check_tokenizer(data: bytes, path: Path) -> int:
    """Checks the parts of a tokenizer.json; returns the number of ids that it may give: the largest, and one.

    Raises:
        InputError: if it isn't JSON, or a part is of a kind that isn't known here; a regular expression, on which a
            text could make the library search without end, is one.
    """
    facts = as_json(data, path)
    model = facts.get("model")
    if not isinstance(model, dict) or model.get("type") not in _MODELS:
        raise InputError(f"{path}: no subword tokenizer ({', '.join(sorted(_MODELS))}); fetch or train it anew")
    for part in _KINDS:
        if facts.get(part) is not None:
            _check(part, facts[part], path, _DEEPEST)
    try:
        vocabulary = model["vocab"]
        ids = list(vocabulary.values()) if isinstance(vocabulary, dict) else [len(vocabulary) - 1]
        ids += [each["id"] for each in facts.get("added_tokens") or ()]
        for special in ((facts.get("post_processor") or {}).get("special_tokens") or {}).values():
            ids += special["ids"]
        return 1 + max(ids)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path}: its vocabulary isn't one; fetch or train it anew") from error


def _check(part: str, found: Any, path: Path, depth: int) -> None:
    kind = found.get("type") if isinstance(found, dict) else found
    if not isinstance(found, Mapping) or kind not in _KINDS[part] or not depth:
        raise InputError(f"{path}: a {part} of kind {kind!r:.40} can't be used; give another tokenizer")
    pattern = found.get("pattern")
    if isinstance(pattern, dict) and "String" not in pattern:
        raise InputError(f"{path}: a {part} with a regular expression can't be used; give another tokenizer")
    for inner in ("normalizers", "pretokenizers", "processors"):
        for each in found.get(inner, ()):
            _check(part, each, path, depth - 1)
