import pytest

from shared.words import Language, Text, choose_language


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, Language.EN),
        ({"LANG": "zh_CN.UTF-8"}, Language.ZH),
        ({"LANG": "C.UTF-8"}, Language.EN),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, Language.EN),
        ({"LANG": "en_US.UTF-8", "TIERLINE_LANG": "zh"}, Language.ZH),
        ({"LC_ALL": "", "LANG": "zh_TW"}, Language.ZH),
    ],
)
def test_language_follows_the_environment(environ: dict[str, str], language: Language) -> None:
    """TIERLINE_LANG before LC_ALL before LANG; empty ones say nothing."""
    assert choose_language(environ=environ) is language


def test_an_option_beats_the_environment() -> None:
    """`--lang en` holds on a Chinese machine, and a language that does not exist is refused."""
    assert choose_language("EN", {"LANG": "zh_CN.UTF-8"}) is Language.EN
    with pytest.raises(ValueError, match="fr"):
        choose_language("fr", {})


def test_a_text_has_both_languages() -> None:
    """The reader's language picks the words."""
    text = Text(zh="重点客户", en="key customer")
    assert (text.in_(Language.ZH), text.in_(Language.EN)) == ("重点客户", "key customer")
