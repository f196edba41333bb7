"""The first process inside the node: starts the supervisor, and reaps whoever lost its parent.

When it ends, the kernel ends everything else in the node, so it has nothing to tidy up.
"""

import os
import sys
import traceback

from sandbox import linux
from sandbox.errors import ServiceError
from sandbox.supervision.folder import GroupFolder
from sandbox.supervision.service import ServiceList
from sandbox.supervision.supervisor import Supervisor


def run(folder: GroupFolder) -> None:
    """Run until the supervisor ends."""
    supervisor = os.fork()
    if supervisor == 0:
        _supervise(folder)
    while os.wait()[0] != supervisor:
        pass


def _supervise(folder: GroupFolder) -> None:
    try:
        linux.die_with_parent()
        plan = ServiceList.model_validate_json(folder.services.read_bytes())
        Supervisor(folder, plan, ends_with_failed=True).run()
    except ServiceError as problem:
        print(problem, file=sys.stderr, flush=True)  # noqa: T201 - the holder's log
    except BaseException:  # noqa: BLE001 - it must not go on as a second first process
        traceback.print_exc()
    finally:
        os._exit(1)
