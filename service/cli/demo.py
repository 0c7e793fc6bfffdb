"""`mingjing demo`: the demo county and its people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from service.cli.program import (
    Program,
    format_option,
    pass_program,
    print_json,
    print_table,
)
from service.cli.progress import progress_bar
from service.cli.stand_ins import forget_records, stand_ins
from service.clock import MovedClock
from service.database.session import create_database_engine
from service.demo.county import PASSWORD, DemoPerson, demo_people
from service.demo.loading import load_demo
from service.demo.standing import may_be_loaded
from service.settings import Settings


@click.group()
def demo() -> None:
    """演示县。The demo county."""


@demo.command("load")
@format_option
@pass_program
def demo_load(program: Program, form: str) -> None:
    """在空数据库中建立演示县。Load the demo county into an empty database."""
    built = program.start()
    if not may_be_loaded(built.engine):
        raise click.ClickException("Expected an empty database, but somebody is known to this one already")
    cases = load_with_progress(program, program.settings)
    if form == "json":
        print_json({"cases": cases})
    else:
        click.echo(f"演示县已建立，共 {cases} 件办件。The demo county is there, with {cases} cases.")


@demo.command("accounts")
@format_option
def demo_accounts(form: str) -> None:
    """列出演示县的账号。List the accounts of the demo county."""
    accounts = [account(person) for person in demo_people()]
    if form == "json":
        print_json({"items": accounts, "total": len(accounts)})
    else:
        print_table(accounts[0], accounts)


def account(person: DemoPerson) -> dict[str, Any]:
    """One line of `demo accounts`; `role` is the person's first post."""
    return {
        "username": person.username,
        "password": PASSWORD,
        "name": person.name,
        "department": person.department,
        "posts": list(person.posts),
        "role": person.posts[0],
        "totp_secret": person.totp_secret,
    }


def load_with_progress(program: Program, settings: Settings) -> int:
    """Load the county by stand-ins of the past, whatever gateways are set: nobody real hears of demo cases."""
    clock = MovedClock()
    forget_records(settings)
    with stand_ins(
        replace(settings, bank_url="", sms_url="", mail_url="", push_url="", phone_url="", events_url=""), clock
    ) as past:
        built = program.build(past, clock)
        # As the loading itself: what is broken off is done again, so no commit need wait for the disk.
        quick = replace(built, engine=create_database_engine(settings.database_url, durable=False))
        try:
            with progress_bar("正在建立演示县 Loading the demo county") as tell:
                return load_demo(built.engine, built.services, quick.drain, tell)
        finally:
            quick.engine.dispose()
            built.engine.dispose()
