"""A GitHub on loopback: comments, issues and pull requests of one repository, page by page."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

BOT = "github-actions[bot]"


class FakeGitHub:
    """Remembers what it was asked and what it holds; makes trouble when told to."""

    def __init__(self) -> None:
        self.comments: dict[int, dict[str, Any]] = {}
        self.issues: dict[int, dict[str, Any]] = {}
        self.pulls: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.authorizations: set[str | None] = set()
        self.trouble: list[tuple[int, dict[str, str], Any]] = []
        """Answers that are given first, before anything is done."""
        self.lost: int = 0
        """So many creations are done, and then answered with 502."""
        self.author = BOT
        self._last = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def number(self) -> int:
        self._last += 1
        return self._last

    def comment(self, body: str, *, issue: int = 7, author: str = BOT) -> int:
        made = self.number()
        url = f"https://github.example/c/{made}"
        self.comments[made] = {
            "id": made, "issue": issue, "body": body, "user": {"login": author}, "html_url": url,
        }  # fmt: skip
        return made

    def issue(self, title: str, body: str, *, labels=("drift",), author: str = BOT, **more) -> int:
        made = self.number()
        self.issues[made] = {
            "number": made,
            "title": title,
            "body": body,
            "state": "open",
            "user": {"login": author},
            "labels": [{"name": name} for name in labels],
            "html_url": f"https://github.example/i/{made}",
            **more,
        }
        return made

    def answer(self, method: str, path: str, query: dict[str, str], content: Any) -> Any:  # noqa: PLR0911
        """Do what is asked; returns the body, or an int for a bare status."""
        match method, path.split("/"):
            case "GET", ["issues", number, "comments"]:
                return [c for c in self.comments.values() if c["issue"] == int(number)]
            case "POST", ["issues", number, "comments"]:
                return self.comments[self.comment(content["body"], issue=int(number))]
            case "PATCH", ["issues", "comments", number]:
                self.comments[int(number)] |= content
                return self.comments[int(number)]
            case "DELETE", ["issues", "comments", number]:
                return 204 if self.comments.pop(int(number), None) else 404
            case "GET", ["issues"]:
                wanted = [i for i in self.issues.values() if i["user"]["login"] == query["creator"]]
                return [i for i in wanted if query["labels"] in {e["name"] for e in i["labels"]}]
            case "POST", ["issues"]:
                made = self.issue(content["title"], content["body"], labels=content["labels"])
                return self.issues[made]
            case "PATCH", ["issues", number]:
                self.issues[int(number)] |= content
                return self.issues[int(number)]
            case "GET", ["pulls"]:
                return [p for p in self.pulls if p["head"]["label"] == query["head"]]
        return 404

    def _handler(self) -> type[BaseHTTPRequestHandler]:  # noqa: C901
        double = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                parts = urlsplit(self.path)
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                length = int(self.headers.get("Content-Length") or 0)
                content = json.loads(self.rfile.read(length)) if length else None
                path = re.sub(r"^/repos/me/mine/", "", parts.path)
                double.requests.append((self.command, path))
                double.authorizations.add(self.headers.get("Authorization"))
                if double.trouble:
                    return self._send(*double.trouble.pop(0))
                done = double.answer(self.command, path, query, content)
                if self.command == "POST" and double.lost:
                    double.lost -= 1
                    return self._send(502, {}, {"message": "Bad gateway"})
                if isinstance(done, int):
                    return self._send(done, {}, {"message": "Not Found"} if done == 404 else None)
                if isinstance(done, list):
                    return self._page(done, query)
                return self._send(201 if self.command == "POST" else 200, {}, done)

            def _page(self, items: list[Any], query: dict[str, str]) -> None:
                size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
                headers = {}
                if len(items) > size * page:
                    headers["Link"] = f'<{double.url}{self.path}&page={page + 1}>; rel="next"'
                self._send(200, headers, items[size * (page - 1) : size * page])

            def _send(self, status: int, headers: dict[str, str], content: Any) -> None:
                body = b"" if content is None else json.dumps(content).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - the library's names

            def log_message(self, *_: Any) -> None:
                pass

        return Handler
