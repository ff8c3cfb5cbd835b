"""What is kept of a language on disk: the same findings with it and without it, refused when it is damaged, harmless where it cannot be written."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ddextract.codebook import Codebook, load_codebook
from ddextract.matching import kept as keeping
from ddextract.matching.kept import HEAD, keep, kept, key_of
from ddextract.matching.language import blank_pipeline
from ddextract.matching.pipeline import Passage, RuleMatcher, Setting

TEXT = (
    "We will hold joint naval exercises with France and the U.S. Our armed forces train peacekeepers of the African Union in order to build trust. "
    "Defence attachés from 12 States were received; the Ministry of Defence signed a 20-year co-operation agreement with Norway's Navy."
)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "kept"
    monkeypatch.setenv("DDEXTRACT_CACHE", str(folder))
    return folder


def found(codebook: Codebook) -> list[dict[str, object]]:
    return [m.record() for m in RuleMatcher(codebook, "en").mentions(Passage(TEXT), Setting("GBR", 2020, ("GBR",)))]


def test_findings_are_the_same_compiled_kept_damaged_and_where_nothing_can_be_written(codebook: Codebook, room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = found(codebook)
    assert {m["label"] for m in compiled} == {"INSTRUMENT", "OBJECTIVE", "ACTOR"} or len(compiled) > 5
    files = {p.name.split("-")[0]: p for p in room.iterdir()}
    assert set(files) == {"rules", "names", "tokens"}
    with monkeypatch.context() as only_kept:
        # With what was kept nothing is compiled.
        only_kept.setattr("ddextract.matching.ruler.tabulated", None)
        only_kept.setattr("ddextract.matching.cues.tabulated", None)
        assert found(codebook) == compiled
    for path in files.values():
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    assert found(codebook) == compiled
    monkeypatch.setenv("DDEXTRACT_CACHE", str(files["rules"] / "below-a-file"))
    assert found(codebook) == compiled


def test_other_wordings_are_compiled_anew(codebook: Codebook, room: Path, tmp_path: Path) -> None:
    found(codebook)
    page = tmp_path / "mine" / "instruments" / "zebra.toml"
    page.parent.mkdir(parents=True)
    page.write_text(
        'family = "dialogue"\ntitle = { en = "Zebra", fr = "Z", es = "Z" }\ndefinition = "A test."\n[[phrasing.en]]\nmatch = ["joint naval exercise"]\n'
        'examples = ["Joint naval exercises."]\n',
        encoding="utf-8",
    )
    assert "zebra" in {m["code"] for m in found(load_codebook(tmp_path / "mine"))}
    assert "zebra" not in {m["code"] for m in found(codebook)}


def test_nothing_in_a_kept_file_is_run(room: Path, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "run"),)

    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=True, borders=np.array([Evil()], dtype=object))
    payload, key = buffer.getvalue(), key_of("x")
    keep("evil", key, {"n": np.array([1])})
    (path,) = room.iterdir()
    path.write_bytes(HEAD + hashlib.sha256(key.encode() + payload).hexdigest().encode() + b"\n" + payload)
    assert kept("evil", key) is None
    path.write_bytes(pickle.dumps(Evil()))
    assert kept("evil", key) is None
    assert not (tmp_path / "run").exists()


def test_what_was_kept_for_one_key_is_not_given_for_another(room: Path) -> None:
    keep("a", key_of("one"), {"n": np.array([1, 2])})
    again = kept("a", key_of("one"))
    assert again is not None
    assert again["n"].tolist() == [1, 2]
    (path,) = room.iterdir()
    path.rename(path.with_name(f"a-{key_of('two')[:32]}"))
    assert kept("a", key_of("two")) is None


def test_only_the_newest_files_stay(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_FILES", 3)
    for number in range(6):
        keep("a", key_of(str(number)), {"n": np.array([number])})
        os.utime(next(p for p in room.iterdir() if p.name == f"a-{key_of(str(number))[:32]}"), (number, number))
    assert {p.name for p in room.iterdir()} == {f"a-{key_of(str(n))[:32]}" for n in (3, 4, 5)}


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_names_are_found_where_the_phrase_matcher_finds_them(codebook: Codebook, language: str) -> None:
    from spacy.matcher import PhraseMatcher

    actors = RuleMatcher(codebook, language).actors
    forms = sorted({*actors.gazetteer.cased, *actors.gazetteer.uncased})
    doc = actors.tokens.make_doc(" ".join(forms[::3]) + ". " + ", ".join(f.upper() for f in forms[1::7]))
    for names, attribute, known in ((actors._cased, "ORTH", actors.gazetteer.cased), (actors._uncased, "NORM", actors.gazetteer.uncased)):
        oracle = PhraseMatcher(actors.tokens.vocab, attr=attribute)
        for form in known:
            oracle.add(form, [actors.tokens.make_doc(form)])
        index = {form: key for key, form in enumerate([*actors.gazetteer.cased, *actors.gazetteer.uncased])}
        expected = {(index[oracle.vocab.strings[key]], a, b) for key, a, b in oracle(doc)}
        places = list(names.find(doc))
        assert len(expected) > (500 if attribute == "ORTH" else 0)
        assert expected <= {(index[form], a, b) for key, a, b in places for form in [list(index)[key]]}
        assert [(a, b) for _, a, b in places] == sorted((a, b) for _, a, b in places)


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_tokens_are_those_of_spacys_own_pipeline(codebook: Codebook, language: str) -> None:
    import spacy
    from spacy.util import compile_infix_regex

    file = codebook.languages[language]
    ours, theirs = blank_pipeline(file), spacy.blank(language)
    infixes = [*(theirs.Defaults.infixes or ()), r"(?<=[\w.])[-‐‑–—/](?=\w)", r"(?<=\w)['’](?=\w)"]
    tokenizer = theirs.tokenizer
    tokenizer.infix_finditer = compile_infix_regex(infixes).finditer
    tokenizer.token_match = None
    tokenizer.rules = {text: rule for text, rule in tokenizer.rules.items() if len(rule) == 1 and "-" not in text}
    words = [w for c in codebook.concepts.values() for p in c.phrasing.get(language, ()) for e in p.examples for w in e.split()]
    text = " ".join(words[:20_000]) + " aujourd'hui l'État-major U.S. e.g. p. ej. Sr. M. 1,5 3º 2e vingt veinte twenty www.a.org (www.b.fr), 10km c'est-à-dire"
    mine, other = ours.make_doc(text), theirs.make_doc(text)
    assert [t.text for t in mine] == [t.text for t in other]
    assert [t.like_num for t in mine] == [t.like_num for t in other]
    # A special case may have a normal form of its own.
    own = {text for text, rule in tokenizer.rules.items() for token in rule if len(token) > 1}
    assert [t.norm_ for t in mine if t.text in own] == [t.norm_ for t in other if t.text in own]


def test_spacy_without_its_command_line_is_whole_when_asked() -> None:
    code = (
        "import sys\nfrom ddextract.matching.language import import_spacy\nspacy = import_spacy()\n"
        "assert 'spacy.cli' not in sys.modules and 'weasel' not in sys.modules\n"
        "assert spacy.info(silent=True)['spacy_version'] == spacy.__version__\n"
        "import spacy.cli\nassert spacy.cli.download and spacy.cli.info and spacy.blank('fr')('un deux')[1].like_num\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, capture_output=True)
