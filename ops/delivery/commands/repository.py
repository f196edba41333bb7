"""Which repository on GitHub a command writes to, and as whom."""

from ops.commands.options import given, kept, together
from ops.delivery.github.client import AUTHOR, GitHub
from ops.errors import UsageError

repository = together(
    kept("--repository", metavar="OWNER/NAME", help="Repository on GitHub."),
    kept(
        "--author",
        metavar="LOGIN",
        default=AUTHOR,
        show_default=True,
        help="Whose comments and issues are ours.",
    ),
    kept("--dry-run", is_flag=True, help="Show what would be written."),
)


def asked_github() -> GitHub | None:
    """The repository that the options name; None in a dry run.

    Raises:
        UsageError: when they name none, or there is no token for it.
    """
    named = given("repository")
    if not named:
        raise UsageError("--repository is missing; it says where on GitHub to write")
    return None if given("dry_run") else GitHub.from_environment(named, given("author"))
