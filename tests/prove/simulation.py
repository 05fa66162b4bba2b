"""Random histories of faults on a simulated disk and clock, for as long as told; src/simulation plays them."""

import os
import re
import subprocess
from pathlib import Path

from world import Skipped

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build/release/src/simulation/catchment_simulation_test"
TEST = "Simulation.NothingAnsweredIsLostOrCountedTwice"
SURVIVED = re.compile(
    r"simulation: (\d+) histories from seed (\d+) survived in [\d.]+ s \((\d+) a second\): "
    r"(\d+) crashes, (\d+) checks, (\d+) records"
)


def simulation(world, outcome):
    seconds = world.options.simulate
    if not PROGRAM.is_file():
        raise Skipped("build it: tools/build.sh release catchment_simulation_test")
    outcome.say(f"{seconds} s of random histories")
    done = subprocess.run(
        [str(PROGRAM), f"--gtest_filter={TEST}"],
        env={**os.environ, "CATCHMENT_SIM_SECONDS": str(seconds)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds + 600,
        check=False,
    )
    text = done.stdout.decode(errors="replace")
    numbers = SURVIVED.search(text)
    if outcome.check(numbers and done.returncode == 0, text[-2000:]):
        histories, seed, _, crashes, checks, records = (f"{int(number):,}" for number in numbers.groups())
        outcome.note(f"{histories} histories from seed {seed.replace(',', '')} survived")
        outcome.note(f"{crashes} crashes, {checks} times held against the model")
        outcome.note(f"{records} records, lost 0, doubled 0")
