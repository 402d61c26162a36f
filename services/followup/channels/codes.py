"""What the robots' answers mean: their own codes, as they document them, decide whether to try again.

An HTTP status says little: all three answer 200 and put the refusal into the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, NamedTuple

from services.followup.domain.delivering import Outcome, Verdict
from shared.words import Text

MINUTE: Final = timedelta(minutes=1)


class Meaning(NamedTuple):
    """What a code asks of us, in whose words, and how long the robot wants silence."""

    outcome: Outcome
    words: Text
    silent: timedelta | None = None


Codes = Mapping[str, Meaning]

OK = Meaning("sent", Text(zh="已发送", en="sent"))


def _again(zh: str, en: str) -> Meaning:
    return Meaning("again", Text(zh=zh, en=en))


def _refused(zh: str, en: str) -> Meaning:
    return Meaning("refused", Text(zh=zh, en=en))


def _throttled(zh: str, en: str, silent: timedelta) -> Meaning:
    return Meaning("throttled", Text(zh=zh, en=en), silent)


# developer.work.weixin.qq.com/document/path/91770 (group robot) and /path/90313 (global codes).
WECOM: Codes = {
    "0": OK,
    "-1": _again("企业微信系统繁忙", "WeCom is busy"),
    "6000": _again("企业微信数据冲突", "WeCom met a conflict of its data"),
    "45009": _throttled("超过每分钟 20 条的限制", "more than 20 messages in a minute", MINUTE),
    "45033": _throttled("并发调用超过限制", "too many calls at once", timedelta(seconds=5)),
    "40008": _refused("消息类型不合法", "the type of message is not valid"),
    "40035": _refused("参数不合法", "a parameter is not valid"),
    "40058": _refused("参数不合法，或内容超过长度限制", "a parameter is not valid, or the text is too long"),
    "44004": _refused("消息内容为空", "the text is empty"),
    "45002": _refused("消息内容超过长度限制", "the text is too long"),
    "47001": _refused("消息不是有效的 JSON", "the message is not valid JSON"),
    "60020": _refused("本机 IP 不在允许范围内", "this machine's address is not allowed"),
    "93000": _refused(
        "webhook 地址无效，或机器人已被移出群", "the webhook is not valid, or the robot was taken out of the group"
    ),
    "93004": _refused("机器人已停用", "the robot is switched off"),
    "93008": _refused("机器人不在群里", "the robot is not in the group"),
}

# open.dingtalk.com: custom robot, send group messages. 130101 and 101002 are what older robots answer.
DINGTALK: Codes = {
    "0": OK,
    "-1": _again("钉钉系统繁忙", "DingTalk is busy"),
    "130101": _throttled("超过每分钟 20 条的限制", "more than 20 messages in a minute", 10 * MINUTE),
    "410100": _throttled("发送过快，已被限流", "too fast: the robot is held back", 10 * MINUTE),
    "310000": _refused(
        "安全设置校验未通过：签名、关键词或 IP",
        "the robot's security settings refuse it: signature, keyword or address",
    ),
    "40035": _refused("缺少消息内容", "the message is missing"),
    "43004": _refused("Content-Type 不正确", "the content type is wrong"),
    "400013": _refused("群已解散", "the group was dissolved"),
    "400101": _refused("access_token 不存在", "there is no such access_token"),
    "400102": _refused("机器人已停用", "the robot is switched off"),
    "400105": _refused("不支持的消息类型", "this type of message is not supported"),
    "400106": _refused("机器人不在群里", "the robot is not in the group"),
    "300001": _refused("access_token 无效", "the access_token is not valid"),
    "101002": _refused("消息过长", "the message is too long"),
    "460101": _refused("消息超过 20000 字节", "the message is longer than 20,000 bytes"),
    "430101": _refused("含有不安全的外链", "it holds an unsafe link"),
    "430102": _refused("含有不合适的文字", "it holds words that DingTalk does not allow"),
    "430103": _refused("含有不合适的图片", "it holds a picture that DingTalk does not allow"),
    "430104": _refused("含有不合适的内容", "it holds what DingTalk does not allow"),
}

# open.feishu.cn: custom bot guide, and the general codes for 11232 and 99991400.
FEISHU: Codes = {
    "0": OK,
    "1500": _again("飞书内部错误", "an error inside Feishu"),
    "2200": _again("飞书内部错误", "an error inside Feishu"),
    "11232": _throttled(
        "超过频率限制，或整点拥堵", "too often, or the rush of the full hour", 10 * timedelta(seconds=1)
    ),
    "99991400": _throttled("超过频率限制", "too often", MINUTE),
    "9499": _refused("请求内容不正确", "the request is not as it should be"),
    "19001": _refused("webhook 地址无效，或机器人已被移出群", "the webhook is not valid, or the robot was removed"),
    "19002": _refused("消息参数不正确", "a parameter of the message is wrong"),
    "19021": _refused(
        "签名不匹配，或本机时钟相差一小时以上", "the signature does not match, or this machine's clock is an hour off"
    ),
    "19022": _refused("本机 IP 不在允许范围内", "this machine's address is not allowed"),
    "19024": _refused("消息中没有机器人要求的关键词", "the message lacks the keyword that the robot asks for"),
}

NO_ANSWER = Text(zh="没有应答，稍后重试", en="no answer; tried again later")
HELD_BACK = Text(zh="请求过多，稍后重试", en="too many requests; tried again later")
REDIRECTED = Text(zh="要求转到别的地址，不予跟随", en="it points to another address, which is not followed")
NOT_TAKEN = Text(zh="服务器拒绝了请求", en="the server refused the request")
STRANGE = Text(
    zh="未收录的应答，重试数次后放弃", en="an answer that is in no table of ours: tried a few times, then given up"
)
# A refused request says so with 400 or above, trouble of the server's own with 500 or above.
REDIRECT, REQUEST_AT_FAULT, SERVER_AT_FAULT = 300, 400, 500
TIMED_OUT, TOO_MANY = 408, 429


def judge(codes: Codes, code: str | None, said: str, status: int, silent: timedelta | None = None) -> Verdict:
    """The verdict on an answer: by the provider's code where it gives one, else by HTTP's."""
    if code is not None:
        meaning = codes.get(code, Meaning("unknown", STRANGE))
        # Success is the provider's code and HTTP's together: neither alone.
        if meaning.outcome != "sent" or status < REDIRECT:
            # Providers tell of their limits with any answer; only who went beyond them has to wait.
            wait = silent or meaning.silent if meaning.outcome == "throttled" else None
            return Verdict(meaning.outcome, code, said, meaning.words, wait)
    return _by_status(said, status, silent)


def _by_status(said: str, status: int, silent: timedelta | None) -> Verdict:
    name = f"HTTP {status}"
    if status == TOO_MANY:
        return Verdict("throttled", name, said, HELD_BACK, silent or MINUTE)
    if status >= SERVER_AT_FAULT or status == TIMED_OUT:
        return Verdict("again", name, said, NO_ANSWER)
    if status >= REQUEST_AT_FAULT:
        return Verdict("refused", name, said, NOT_TAKEN)
    if status >= REDIRECT:
        return Verdict("refused", name, said, REDIRECTED)
    return Verdict("unknown", name, said, STRANGE)
