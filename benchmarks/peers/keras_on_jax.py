"""Keras 3 on JAX: the notebook's model by `fit`, on arrays padded once."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

from benchmarks.peers.tweets import LENGTHS, D, Tweets


class Peer:
    """`Embedding`, `GlobalAveragePooling1D`, `Dense`, Adam, batches of 16."""

    def __init__(self, tweets: Tweets):
        embedding = keras.layers.Embedding(len(tweets.vocabulary), D)
        head = [keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(2, activation="softmax")]
        self._model = keras.Sequential([embedding, *head])
        self._model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
        self._train = self._padded(tweets, tweets.train), np.array(tweets.train_labels)
        self._validation = self._padded(tweets, tweets.validation), np.array(tweets.validation_labels)

    def train(self) -> int:
        self._model.fit(*self._train, batch_size=16, epochs=1, verbose=0)
        return len(self._train[1])

    def accuracy(self) -> float:
        return float(self._model.evaluate(*self._validation, verbose=0)[1])

    @staticmethod
    def _padded(tweets: Tweets, token_lists: list[list[str]]) -> np.ndarray:
        ids = np.zeros((len(token_lists), LENGTHS[-1]), np.int32)
        for row, tokens in zip(ids, token_lists, strict=True):
            row[: len(tokens)] = tweets.vocabulary.encode(tokens)[: LENGTHS[-1]]
        return ids
