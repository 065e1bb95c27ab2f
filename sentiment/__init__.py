"""A tweet-sentiment trainer on JAX and Trax: corpus in, one directory that predicts out."""
