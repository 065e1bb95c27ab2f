"""The mean vectors that PyTorch and transformers give for all-MiniLM-L6-v2: what tests/transformers compare ours with.

    python -m venv side && side/bin/pip install torch transformers
    side/bin/python benchmarks/publisher_outputs.py FOLDER > tests/fixtures/minilm_vectors.json

FOLDER holds the publisher's config.json, model.safetensors and tokenizer.json. Written with torch 2.14.1 and
transformers 5.24.0, 2026-11-26.
"""

import json
import sys

TEXTS = ("So happy today!", "I don't think this is a good idea, it isn't.", "", "12 % of GOOOD naïve café words")


def main(folder: str) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    rows = []
    for text in TEXTS:
        ids = tokenizer(text)["input_ids"]
        with torch.no_grad():
            vectors = model(torch.tensor([ids])).last_hidden_state[0]
        mean = vectors.mean(dim=0).tolist()
        rows.append({"text": text, "ids": ids, "mean": [round(value, 6) for value in mean]})
    print(json.dumps(rows, ensure_ascii=False, indent=None, separators=(",", ":")))


if __name__ == "__main__":
    main(sys.argv[1])
