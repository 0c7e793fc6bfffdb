"""What `mingjing run` says when it is ready: the address, and one sign-in for each role."""

from __future__ import annotations

import click

from service.demo.county import PASSWORD, demo_people
from service.people.posts import post_name
from service.settings import Settings


def greet(address: str, settings: Settings, *, demo: bool) -> None:
    """To standard output, at once: whoever started us may read it through a pipe."""
    lines = [f"明镜 Mingjing  {address}"]
    if demo:
        lines += ["", f"演示账号，口令均为 {PASSWORD} · demo accounts, all with the password {PASSWORD}", *_sign_ins()]
    lines += ["", f"演示银行 stand-in bank {settings.bank_url}  演示短信 stand-in SMS {settings.sms_url}"]
    lines.append(f"演示手机 stand-in phone {settings.phone_url}")
    if settings.testing:
        lines.append("测试模式：时间可以拨动 · testing: the clock can be moved")
    lines.append("按 Ctrl-C 停止 · Ctrl-C stops it")
    click.echo("\n".join(lines))


def _sign_ins() -> list[str]:
    """The first account of each post."""
    first = {post: person for person in reversed(demo_people()) for post in person.posts}
    return [
        f"  {person.username:<12} {post_name(post)} · {post_name(post, 'en')} ({person.department})"
        for post, person in sorted(first.items(), key=lambda entry: demo_people().index(entry[1]))
    ]
