"""`python -m sandbox.supervision FOLDER`: the supervising process itself.

Started by `sandbox.supervision.group`, not by people. It inherits the folder's lock as an open
file and holds it for its whole life without ever touching it.
"""

import sys
from pathlib import Path

from sandbox.supervision.folder import GroupFolder
from sandbox.supervision.service import ServiceList
from sandbox.supervision.supervisor import Supervisor

if __name__ == "__main__":
    folder = GroupFolder(Path(sys.argv[1]))
    plan = ServiceList.model_validate_json(folder.services.read_bytes())
    Supervisor(folder, plan).run()
