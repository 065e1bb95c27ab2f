"""A module can be had without its package's `__init__`, and nothing is left behind."""

import subprocess
import sys
import textwrap

import pytest

from sentiment.lean_import import lean_import, set_aside, shells


@pytest.fixture
def heavy(tmp_path, monkeypatch):
    """A package `heavy` with `heavy.sub.part` (which imports `heavy.helper`), whose two __init__ files must not run."""
    files = {
        "heavy/__init__.py": "raise RuntimeError('the heavy __init__ ran')",
        "heavy/helper.py": "VALUE = 7",
        "heavy/sub/__init__.py": "raise RuntimeError('the heavy __init__ of sub ran')",
        "heavy/sub/part.py": "from heavy.helper import VALUE\nfrom heavy import helper\nfrom . import other\n",
        "heavy/sub/other.py": "",
        "heavy/sub/broken.py": "import heavy.helper\nraise ImportError('broken on purpose')",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    with set_aside("heavy"):
        yield tmp_path


def loaded_of(top):
    return sorted(name for name in sys.modules if f"{name}.".startswith(f"{top}."))


def test_a_module_comes_without_the_init_files_above_it(heavy):
    part = lean_import("heavy.sub.part")
    assert part.VALUE == 7
    assert part.helper.VALUE == 7
    assert part.other.__name__ == "heavy.sub.other"


def test_nothing_of_the_package_stays_loaded(heavy):
    lean_import("heavy.sub.part")
    assert loaded_of("heavy") == []
    with pytest.raises(RuntimeError, match="the heavy __init__ ran"):
        import heavy  # noqa: F401


def test_a_failing_module_leaves_nothing_behind_and_its_error_comes_through(heavy):
    with pytest.raises(ImportError, match="broken on purpose"):
        lean_import("heavy.sub.broken")
    assert loaded_of("heavy") == []


@pytest.mark.parametrize("name", ["no_such_package_here.part", "heavy.no_such_part", "heavy.helper.part"])
def test_a_name_that_does_not_exist_is_a_module_not_found_error(heavy, name):
    with pytest.raises(ModuleNotFoundError):
        lean_import(name)
    assert loaded_of("heavy") == []


def test_a_package_that_is_already_whole_is_used_as_it_is(heavy):
    (heavy / "heavy/__init__.py").write_text("WHOLE = True")
    (heavy / "heavy/sub/__init__.py").write_text("WHOLE = True")
    import heavy as whole

    part = lean_import("heavy.sub.part")
    assert sys.modules["heavy"] is whole
    assert sys.modules["heavy.sub.part"] is part
    assert whole.sub.WHOLE


def test_shells_stay_when_nobody_sets_them_aside_and_go_when_the_block_fails(heavy):
    with shells("heavy", "heavy.sub"):
        import heavy.sub.part
    assert loaded_of("heavy") == ["heavy", "heavy.helper", "heavy.sub", "heavy.sub.other", "heavy.sub.part"]
    assert heavy.sub.part.VALUE == 7
    with set_aside("heavy"):
        with pytest.raises(ValueError, match="mine"), shells("heavy"):
            raise ValueError("mine")
        assert loaded_of("heavy") == []


def test_set_aside_brings_back_what_was_there_and_nothing_that_only_looks_alike(heavy, monkeypatch):
    mine, alike = type(sys)("heavy"), type(sys)("heavyweight")
    monkeypatch.setitem(sys.modules, "heavy", mine)
    monkeypatch.setitem(sys.modules, "heavyweight", alike)
    with set_aside("heavy"):
        assert "heavy" not in sys.modules
        assert sys.modules["heavyweight"] is alike
        sys.modules["heavy"] = sys.modules["heavy.new"] = type(sys)("heavy")
    assert loaded_of("heavy") == ["heavy"]
    assert sys.modules["heavy"] is mine


def test_nltks_tokenizer_and_stemmer_come_without_scipy_and_the_whole_nltk_still_imports():
    script = """
        import sys
        from sentiment.lean_import import lean_import
        tweet = lean_import("nltk.tokenize.casual").TweetTokenizer(preserve_case=False, strip_handles=True)
        porter = lean_import("nltk.stem.porter").PorterStemmer()
        assert not [name for name in sys.modules if name.split(".")[0] in ("nltk", "scipy", "numpy")]
        words = [porter.stem(token) for token in tweet.tokenize("@Ana loves running :)")]
        import nltk
        assert nltk.stem.PorterStemmer().stem("running") == "run"
        from nltk.tokenize.casual import TweetTokenizer
        whole = TweetTokenizer(preserve_case=False, strip_handles=True)
        assert whole.tokenize("@Ana loves running :)") == tweet.tokenize("@Ana loves running :)")
        print(words)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "['love', 'run', ':)']\n"
