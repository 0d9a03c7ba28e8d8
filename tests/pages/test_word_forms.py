"""Dutch words for one and for more."""

import pytest

from pages.word_forms import forms_of


@pytest.mark.parametrize(
    ("one", "more"),
    [
        ("speeltoestel", "speeltoestellen"),
        ("fietsenrek", "fietsenrekken"),
        ("lindeboom", "lindebomen"),
        ("straat", "straten"),
        ("buurthuis", "buurthuizen"),
        ("brief", "brieven"),
        ("proef", "proeven"),
        ("kaas", "kazen"),
        ("fiets", "fietsen"),
        ("vuilnisemmer", "vuilnisemmers"),
        ("moestuintje", "moestuintjes"),
        ("speelplein", "speelpleinen"),
    ],
)
def test_one_and_more_find_each_other(one, more):
    """Each finds the other, as a form or because it stands in it. Mutant: leave out the doubled letters."""
    assert one in forms_of(more)
    assert any(form in more for form in forms_of(one))


@pytest.mark.parametrize("word", ["plaats", "bos", "wegen", "groen", "zee", "e", "en", "ns", "2026", "é", "ëen"])
def test_forms_are_few_and_begin_with_the_word_itself(word):
    forms = forms_of(word)
    assert forms[0] == word
    assert len(forms) <= 3
    assert [form for form in forms[1:] if len(form) < 4] == []
