"""The course notebook's way from tweets to batches (seeds/003), in NLTK and NumPy alone."""

import random
import re
import string

import numpy as np
from nltk.corpus import stopwords, twitter_samples
from nltk.stem import PorterStemmer
from nltk.tokenize import TweetTokenizer


def read_tweets():
    """Returns (positive tweets, negative tweets)."""
    return tuple(twitter_samples.strings(f"{name}_tweets.json") for name in ("positive", "negative"))


def tokens_of(tweet):
    english = stopwords.words("english")
    stem = PorterStemmer().stem
    for pattern in (r"\$\w*", r"^RT[\s]+", r"https?:\/\/.*[\r\n]*", r"#"):
        tweet = re.sub(pattern, "", tweet)
    tokenizer = TweetTokenizer(preserve_case=False, strip_handles=True, reduce_len=True)
    words = tokenizer.tokenize(tweet)
    return [stem(word) for word in words if word not in english and word not in string.punctuation]


def batches(classes, size, vocabulary, loop, shuffle):
    half = size // 2
    places = [0, 0]
    orders = [list(range(len(tweets))) for tweets in classes]
    if shuffle:
        for order in orders:
            random.shuffle(order)
    while True:
        rows = []
        for c, tweets in enumerate(classes):
            for _ in range(half):
                if places[c] >= len(tweets):
                    if not loop:
                        return
                    places[c] = 0
                    if shuffle:
                        random.shuffle(orders[c])
                words = tokens_of(tweets[orders[c][places[c]]])
                rows.append([vocabulary.get(word, vocabulary["__UNK__"]) for word in words])
                places[c] += 1
        places = [place + half for place in places]
        length = max(map(len, rows))
        inputs = np.array([row + [0] * (length - len(row)) for row in rows])
        targets = np.array([1] * half + [0] * half)
        yield inputs, targets, np.ones_like(targets)
