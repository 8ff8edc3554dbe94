"""What a first sync takes of memory must not grow with the number of people: daemon and sandbox in own processes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench.sandbox import Sandbox

FEW, MANY = 20_000, 100_000
MOST_MORE = 10.0
"""MB (a million octets) that the larger first sync may take more than the smaller one."""

# VmHWM is the peak of the program itself; getrusage would count the test's own memory, from before exec.
DAEMON = """
import sys
from zohosyncd.cli.main import main
try:
    main()
finally:
    with open("/proc/self/status") as status:
        print(next(line for line in status if line.startswith("VmHWM")), file=sys.stderr)
"""


def first_sync(folder: Path, people: int) -> tuple[float, dict[str, Any]]:
    """The peak of resident memory in MB of ``zohosyncd sync`` on a new state, and what it reported."""
    with Sandbox(folder, people):
        done = subprocess.run(
            [sys.executable, "-c", DAEMON, "--config", str(folder), "sync", "zoho-book", "--json"],
            capture_output=True, text=True, check=True, timeout=3600,
        )  # fmt: skip
    peak = next(line for line in reversed(done.stderr.splitlines()) if line.startswith("VmHWM"))
    report: dict[str, Any] = json.loads(done.stdout)["connections"]["zoho-book"]
    assert report["converged"], report
    return int(peak.split()[1]) * 1024 / 1e6, report


@pytest.mark.bench
@pytest.mark.timeout(7200)
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_a_larger_first_sync_takes_hardly_more_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    peaks = {}
    for people in (FEW, MANY):
        peaks[people], report = first_sync(tmp_path / str(people), people)
        with capsys.disabled():
            print(
                f"\nfirst sync of {people} people ({report['links'] - report['created']['left']} of those linked were "
                f"in Zoho): peak {peaks[people]:.1f} MB, {report['seconds']:.0f} s"
            )
    more = peaks[MANY] - peaks[FEW]
    with capsys.disabled():
        print(f"{MANY} people took {more:.1f} MB more than {FEW}; at most {MOST_MORE:.0f} are allowed")
    assert more < MOST_MORE
