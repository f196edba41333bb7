"""What is to be believed: only what a trusted key has signed, as it stands."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.vocabulary.promotion.signed import KEY, OTHER_KEY, TRUSTED, paper, verdict
from vocabulary.promotion.errors import KeyFormatError, PaperError, PromotionError, SealError
from vocabulary.promotion.papers import Verdict
from vocabulary.promotion.seal import (
    _signed,
    believed,
    key_id,
    new_key,
    private_key,
    private_text,
    public_key,
    public_line,
    sealed,
)


def places(node, path=()):
    """Every scalar of a document, with the path to it."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from places(value, (*path, key))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from places(value, (*path, place))
    else:
        yield path


def changed(document, path):
    """The document with another value in one place."""
    parts = json.loads(document)
    *holders, last = path
    place = parts
    for step in holders:
        place = place[step]
    place[last] = "changed" if place[last] != "changed" else "again"
    return json.dumps(parts)


class TestSignedVerdicts:
    def test_are_believed_as_they_stand(self):
        assert believed(Verdict, paper(), [TRUSTED]) == verdict()

    def test_are_believed_however_the_text_is_laid_out(self):
        compact = json.dumps(json.loads(paper()), separators=(",", ":"), sort_keys=True)
        assert believed(Verdict, compact, [TRUSTED]) == verdict()

    @pytest.mark.parametrize("path", list(places(json.loads(paper()))), ids=str)
    def test_are_not_believed_when_any_place_was_changed(self, path):
        with pytest.raises(SealError):
            believed(Verdict, changed(paper(), path), [TRUSTED])

    def test_are_not_believed_when_something_was_added(self):
        parts = json.loads(paper())
        parts["verdict"]["note"] = "and then"
        with pytest.raises(SealError, match="changed after it was signed"):
            believed(Verdict, json.dumps(parts), [TRUSTED])

    def test_are_not_believed_when_signed_by_somebody_else(self):
        with pytest.raises(SealError, match=f"{key_id(OTHER_KEY)}.*not trusted"):
            believed(Verdict, sealed(verdict(), OTHER_KEY), [TRUSTED])

    def test_are_believed_by_either_key_while_keys_are_changed(self):
        both = [TRUSTED, public_line(OTHER_KEY)]
        assert believed(Verdict, paper(), both) == believed(
            Verdict, sealed(verdict(), OTHER_KEY), both
        )

    @pytest.mark.parametrize("text", ["", "[]", "null", "{}", "{", '"x"', "[" * 100_000])
    def test_of_no_form_are_told(self, text):
        with pytest.raises(PaperError, match="cannot be read"):
            believed(Verdict, text, [TRUSTED])

    @given(st.text() | st.dictionaries(st.text(), st.integers()).map(json.dumps))
    def test_anything_else_is_refused_in_words(self, text):
        with pytest.raises(PromotionError):
            believed(Verdict, text, [TRUSTED])

    def test_a_signed_document_of_another_form_is_refused(self):
        content = {"version": 2}
        signature = {"key": key_id(KEY), "value": ""}
        by_hand = KEY.sign(_signed("verdict", content))
        signature["value"] = base64.b64encode(by_hand).decode()
        with pytest.raises(PaperError, match="verdict cannot be read"):
            believed(Verdict, json.dumps({"verdict": content, "signature": signature}), [TRUSTED])


class TestKeys:
    def test_are_read_as_they_were_written(self):
        key = new_key()
        assert key_id(private_key(private_text(key))) == key_id(key)
        assert key_id(public_key(public_line(key))) == key_id(key)

    def test_are_different_each_time(self):
        assert key_id(new_key()) != key_id(new_key())

    @pytest.mark.parametrize("text", ["", "secret", "-----BEGIN PRIVATE KEY-----\nsecret\n"])
    def test_that_are_none_are_refused_without_showing_them(self, text):
        with pytest.raises(KeyFormatError) as refused:
            private_key(text)
        assert "secret" not in str(refused.value)

    def test_of_another_kind_are_refused(self):
        other = rsa.generate_private_key(65537, 2048).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        with pytest.raises(KeyFormatError, match="no Ed25519 key"):
            private_key(other.decode())

    @pytest.mark.parametrize("line", ["", "ed25519:", "ed25519:!", "ed25519:AAAA", "rsa:AAAA"])
    def test_public_ones_that_are_none_are_refused(self, line):
        with pytest.raises(KeyFormatError, match="is no public key"):
            public_key(line)
