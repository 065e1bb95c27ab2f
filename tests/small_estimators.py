"""`TextClassifier`s that fit in a second, and texts to fit them to."""

from sklearn.model_selection import StratifiedKFold

from sentiment import TextClassifier

SMALL = ("mean_classifier.d_embedding = 8", "Recipe.steps = 20", "Recipe.eval_every = 20", "Recipe.buckets = (8,)")
ABOUT = {"food": "soup bread cheese apple", "sport": "ball goal match team", "weather": "rain cloud wind storm"}
TEXTS = [f"{word} {more} {n}" for words in ABOUT.values() for word in words.split() for n, more in enumerate("abcde")]
TOPICS = [topic for topic, words in ABOUT.items() for _ in words.split() for _ in "abcde"]
RATINGS = [{"food": 10, "sport": -1, "weather": 2}[topic] for topic in TOPICS]  # by name they'd be in another order

FOLDS = StratifiedKFold(2, shuffle=True, random_state=0)


def small(*bindings: str, **settings) -> TextClassifier:
    """Returns an unfitted one."""
    return TextClassifier("mean", bindings=(*SMALL, *bindings), **settings)
