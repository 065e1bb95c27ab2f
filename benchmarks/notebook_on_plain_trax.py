"""The course notebook's way on Trax as it is installed by pip, timed from a cold process.

Needs an environment of its own (`pip install trax==1.4.1 nltk==3.9.4`, 3 GB with TensorFlow) and NLTK's
twitter_samples and stopwords; `python benchmarks/cold_start.py --peer PYTHON` runs it beside `scripts/train.py`.

It takes the notebook's steps in the notebook's order: tweets are cleaned, tokenised and stemmed anew for every
batch, batches are as long as their longest tweet, Trax's Loop writes its own checkpoints, the accuracy is of the
examples that the notebook's generator visits.
"""

import random
import re
import string
import sys
import tempfile
import time

started = time.perf_counter()

import numpy as np  # noqa: E402
import trax  # noqa: E402
from nltk.corpus import stopwords, twitter_samples  # noqa: E402
from nltk.stem import PorterStemmer  # noqa: E402
from nltk.tokenize import TweetTokenizer  # noqa: E402
from trax import layers as tl  # noqa: E402
from trax.supervised import training  # noqa: E402

imported = time.perf_counter()


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


def main():
    positive = twitter_samples.strings("positive_tweets.json")
    negative = twitter_samples.strings("negative_tweets.json")
    train, held_out = (positive[:4000], negative[:4000]), (positive[4000:], negative[4000:])
    vocabulary = {"__PAD__": 0, "__</e>__": 1, "__UNK__": 2}
    for tweet in train[0] + train[1]:
        for word in tokens_of(tweet):
            vocabulary.setdefault(word, len(vocabulary))
    random.seed(271)
    model = tl.Serial(tl.Embedding(len(vocabulary), 256), tl.Mean(axis=1), tl.Dense(2), tl.LogSoftmax())
    train_task = training.TrainTask(
        labeled_data=batches(train, 16, vocabulary, loop=True, shuffle=True),
        loss_layer=tl.CrossEntropyLoss(),
        optimizer=trax.optimizers.Adam(0.01),
        n_steps_per_checkpoint=10,
    )
    eval_task = training.EvalTask(
        labeled_data=batches(held_out, 16, vocabulary, loop=True, shuffle=True),
        metrics=[tl.CrossEntropyLoss(), tl.Accuracy()],
    )
    prepared = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        loop = training.Loop(model, train_task, eval_tasks=eval_task, output_dir=folder)
        loop.run(n_steps=100)
    trained = time.perf_counter()
    right = seen = 0
    for inputs, targets, _ in batches(held_out, 16, vocabulary, loop=False, shuffle=False):
        scores = loop.eval_model(inputs)
        right += int(np.sum((scores[:, 1] > scores[:, 0]) == targets))
        seen += len(targets)
    done = time.perf_counter()
    steps = {"import": imported - started, "data": prepared - imported, "training": trained - prepared}
    told = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in {**steps, "evaluation": done - trained}.items())
    print(f"accuracy {right / seen:.4f} of {seen} tweets; {told}", file=sys.stderr)


main()
