"""How much may be asked: in a day, in ten seconds, and of the search in a second (vendor: usage guidelines)."""

from dataclasses import dataclass, field

from zohosyncd.sandbox.parts.windows import Window
from zohosyncd.sandbox.wire import Clock

from .refusals import Refusal
from .setup import HubSpotSetup

_DAY = 86_400.0


@dataclass
class Limits:
    """The limits of one account."""

    clock: Clock
    setup: HubSpotSetup
    _burst: Window = field(init=False)
    _searches: Window = field(init=False)
    _day: int = -1
    used: int = 0

    def __post_init__(self) -> None:
        self._burst = Window(self.clock, self.setup.burst, 10.0)
        self._searches = Window(self.clock, self.setup.searches, 1.0)

    def take(self, *, search: bool) -> None:
        """Count a request. Raises Refusal where it is one too many."""
        self._burst.most, self._searches.most = self.setup.burst, self.setup.searches
        self._turn()
        if self.used >= self.setup.per_day:
            raise _too_many("DAILY", "You have reached your daily limit.")
        if search:
            if self._searches.take():
                raise _too_many("SECONDLY", "You have reached your secondly limit.")
        elif self._burst.take():
            raise _too_many("TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit.")
        self.used += 1

    def headers(self, *, search: bool, public: bool) -> dict[str, str]:
        """What answers tell of it: searches nothing, public apps nothing of the day."""
        if search:
            return {}
        self._turn()
        told = {
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Max": str(self.setup.burst),
            "X-HubSpot-RateLimit-Remaining": str(self._burst.left),
        }
        if not public:
            told["X-HubSpot-RateLimit-Daily"] = str(self.setup.per_day)
            told["X-HubSpot-RateLimit-Daily-Remaining"] = str(max(self.setup.per_day - self.used, 0))
        return told

    def _turn(self) -> None:
        day = int(self.clock.now() // _DAY)
        if day != self._day:
            self._day, self.used = day, 0


def _too_many(policy: str, message: str) -> Refusal:
    more = {"errorType": "RATE_LIMIT", "policyName": policy, "groupName": f"publicapi:private-apps:{policy.lower()}"}
    return Refusal(429, "RATE_LIMITS", message, more=more)
