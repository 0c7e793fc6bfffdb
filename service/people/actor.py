"""The person who acts, as frozen facts taken once an act: posts held today and posts lent by others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from service.people.presence import Presence

# Posts that serve the whole county, whatever department a task belongs to.
COUNTY_POSTS = frozenset({"sup2", "centre", "county_leader", "auditor", "secadmin", "sysadmin", "designer"})


@dataclass(frozen=True, slots=True)
class Holding:
    """A post in a department; `principal` is set where it is lent (委托代办) and names whose it is."""

    post: str
    department: str
    principal_id: int | None = None
    principal_name: str | None = None

    def serves(self, post: str, department: str) -> bool:
        return self.post == post and (self.department == department or post in COUNTY_POSTS)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. Own posts come before lent ones, so that nobody acts for another without need.

    `presence` is what the shell knows of whoever sits there; None where nobody does.
    """

    person_id: int
    username: str
    name: str
    department: str
    holdings: tuple[Holding, ...]
    # Single tasks that their holders lend, by the task's id.
    lent_tasks: Mapping[str, Holding] = field(default_factory=dict)
    presence: Presence | None = None
    # 请假: nothing new comes to whoever is away.
    on_leave: bool = False

    @property
    def posts(self) -> frozenset[str]:
        """Own posts; lent ones are not power of this person's own."""
        return frozenset(h.post for h in self.holdings if h.principal_id is None)

    def holding_for(self, post: str, department: str) -> Holding | None:
        """The holding by which this person may take a task of this post and department."""
        return next((h for h in self.holdings if h.serves(post, department)), None)

    def holdings_for(self, post: str, department: str) -> Iterator[Holding]:
        return (h for h in self.holdings if h.serves(post, department))
