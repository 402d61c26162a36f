"""The channels file: its mistakes are told by their place, its secrets never."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.containers.secrets import NO_CHANNELS
from services.followup.channels import ChannelsError, read_channels
from services.followup.channels.secrets import Redactor, secrets_of
from services.followup.domain.pacing import Limit

GOOD = """
everyone: [sales]
departments:
  north: [north, post]
channels:
  sales: {kind: wecom, webhook: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=KEY-one-1"}
  north: {kind: dingtalk, webhook: "https://oapi.dingtalk.com/robot/send?access_token=KEY-two-2", secret: SEC-three-3}
  feishu: {kind: feishu, url: "http://127.0.0.1:1/hook/KEY-four-4", secret: KEY-five-5, a_minute: 60}
  post:
    {kind: mail, host: smtp.example, port: 465, security: tls, sender: "Tierline <t@example.com>", user: u,
     password: KEY-six-6}
"""


def written(tmp_path: Path, text: str, mode: int = 0o600) -> Path:
    path = tmp_path / "channels.yaml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_channels_of_all_kinds_are_read(tmp_path: Path) -> None:
    """With whom they hold for, and the limits that their providers set unless the file says others."""
    company = read_channels(written(tmp_path, GOOD))
    assert {name: channel.kind for name, channel in company.channels.items()} == {
        "sales": "wecom", "north": "dingtalk", "feishu": "feishu", "post": "mail",
    }  # fmt: skip
    assert company.usual("north") == ("north", "post")
    assert company.usual("south") == company.usual(None) == ("sales",)
    assert company.channels["sales"].limits == (Limit(20, 60),)
    assert company.channels["feishu"].limits == (Limit(60, 60),)


def test_without_a_file_there_are_no_channels(tmp_path: Path) -> None:
    """An empty file says the same."""
    assert read_channels(None).channels == {}
    assert read_channels(written(tmp_path, "# none yet\n")).channels == {}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Whoever has a webhook can write to the group."""
    with pytest.raises(ChannelsError, match="chmod 600"):
        read_channels(written(tmp_path, GOOD, mode))


@pytest.mark.parametrize(
    ("wrong", "right", "place"),
    [
        ("qyapi.weixin.qq.com", "qyapi.weixin.qq.com.evil.example", "line 6, channels.sales"),
        ("https://oapi.dingtalk.com", "http://oapi.dingtalk.com", "line 7, channels.north"),
        ("https://oapi.dingtalk.com", "https://169.254.169.254", "line 7, channels.north"),
        ("url: ", "webhook: ", "line 8, channels.feishu"),
        ("kind: wecom", "kind: pigeon", "line 6, channels.sales"),
        ("secret: SEC", "secert: SEC", "line 7, channels.north"),
        ("[north, post]", "[north, pots]", "pots"),
        ("a_minute: 60", "a_minute: often", "line 8, channels.feishu"),
        ("security: tls", "security: none", "line 9, channels.post"),
        ("port: 465", "port: 0", "line 10, channels.post"),
        ("user: u,", "", "line 9, channels.post"),
        ("sender: ", "# sender: ", "line 9, channels.post.mail.sender: this key is missing"),
        ("channels:", "channels: [", "YAML"),
    ],
)
def test_a_mistake_is_told_in_both_languages_without_any_value(
    tmp_path: Path, wrong: str, right: str, place: str
) -> None:
    """Where it is and what is wanted; a value may be a key."""
    assert wrong in GOOD
    with pytest.raises(ChannelsError) as caught:
        read_channels(written(tmp_path, GOOD.replace(wrong, right)))
    told = str(caught.value)
    assert place in told
    assert "渠道文件无法使用" in told
    assert "KEY-" not in told
    assert "SEC-" not in told


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """A wrong path must not look like no channels."""
    with pytest.raises(ChannelsError, match="cannot be read"):
        read_channels(tmp_path / "channels.yaml")


def test_secrets_are_blanked_however_they_are_quoted() -> None:
    """A provider may echo the address, escaped or not."""
    url = "https://u:pass-word@example.com/hook/aaaa-bbbb-cccc-dddd?key=a/b+c=d&x=1"
    redact = Redactor({*secrets_of(url), "SEC/ret+1"})
    for leak in (url, "a/b c=d", "a%2Fb%20c%3Dd", "aaaa-bbbb-cccc-dddd", "pass-word", "SEC%2Fret%2B1", "SEC/ret+1"):
        assert leak not in redact(f"error at {leak}: no")
    assert redact("line\nend\x00") == "line end"
    assert len(redact("x" * 9999)) == 500


def test_words_that_are_no_utf_8_can_be_written_down() -> None:
    """A mail server that speaks GBK, an emoji cut in two: what cannot be kept would be sent again and again."""
    spoken = "250 已收到".encode("gbk").decode("utf-8", "surrogateescape")
    for words in (spoken, "cut \ud83d"):
        assert Redactor(())(words).encode()


def test_the_example_that_compose_makes_is_one(tmp_path: Path) -> None:
    """As it is made it names no channel; with its comments taken off and its dots filled in it is taken whole."""
    assert read_channels(written(tmp_path, NO_CHANNELS)).channels == {}
    example = "\n".join(line.removeprefix("# ") for line in NO_CHANNELS.splitlines()[2:])
    assert list(read_channels(written(tmp_path, example)).channels) == ["sales", "north", "south", "post"]
