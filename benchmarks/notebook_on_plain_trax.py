"""The course notebook's way on Trax as it is installed by pip, timed from a cold process.

Needs an environment of its own (`pip install trax==1.4.1 nltk==3.9.4`, 3 GB with TensorFlow) and NLTK's
twitter_samples and stopwords; `python benchmarks/cold_start.py --peer PYTHON` runs it beside `scripts/train.py`.

It takes the notebook's steps in the notebook's order: tweets are cleaned, tokenised and stemmed anew for every
batch, batches are as long as their longest tweet, Trax's Loop writes its own checkpoints, the accuracy is of the
examples that the notebook's generator visits.
"""

import random
import sys
import tempfile
import time

started = time.perf_counter()

import numpy as np  # noqa: E402
import trax  # noqa: E402
from notebook_generator import batches, read_tweets, tokens_of  # noqa: E402
from trax import layers as tl  # noqa: E402
from trax.supervised import training  # noqa: E402

imported = time.perf_counter()


def main():
    positive, negative = read_tweets()
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
    parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in {**steps, "evaluation": done - trained}.items())
    print(f"accuracy {right / seen:.4f} of {seen} tweets; {parts}", file=sys.stderr)


main()
