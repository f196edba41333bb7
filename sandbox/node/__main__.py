"""`python -m sandbox.node FOLDER`: the holder of a node, run by the sandbox's supervisor."""

import sys
from pathlib import Path

from sandbox.node.holder import hold
from sandbox.node.layout import NodeFolder

if __name__ == "__main__":
    sys.exit(hold(NodeFolder(Path(sys.argv[1]))))
