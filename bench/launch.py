"""Runs a command and says what it cost. A process of its own, as small as can be: what a child inherits from whoever starts
it counts into its peak, and whoever measures holds an account's whole history.

    python -I -S launch.py OUTCOME COMMAND...
"""

import json
import os
import resource
import sys
import time

outcome, command = sys.argv[1], sys.argv[2:]
began = time.monotonic()
child = os.posix_spawnp(command[0], command, os.environ)
_, status = os.waitpid(child, 0)
seconds = time.monotonic() - began
# Of the command and of what it waited for itself; the peak is that of the largest of them.
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(outcome, "w") as file:
    code = os.waitstatus_to_exitcode(status)
    cost = {"code": code, "seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "peak_kib": used.ru_maxrss}
    json.dump(cost, file)
