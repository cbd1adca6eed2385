"""Mocks that others wrote, on the vendored documents and held to them: `python tests/conformance/other_mocks.py`.

Needs npm; installs Prism and Mockoon into a folder of its own (`--folder`, kept for the next time).
"""

import argparse
import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contratempo.conformance import Target, Verdict, conform
from contratempo.conformance.book import open_book

PACKAGES = ("@stoplight/prism-cli@5.14.2", "@mockoon/cli@9")
STARTS = {  # the command, and the path that its paths lie below
    "prism": (["prism", "mock", "--host", "127.0.0.1", "--port", "{port}", "{file}"], ""),
    "mockoon": (["mockoon-cli", "start", "--hostname", "127.0.0.1", "--port", "{port}", "--data", "{file}"], "/v2"),
}
PROVIDERS = ("telnyx_assistants", "telnyx_messages")
PATIENCE_SECONDS = 60.0


def write_document(provider: str, folder: Path) -> Path:
    """Write the vendored fragments as one document, which is what the peers read."""
    tree = open_book(provider, "vendored").contract.document.tree
    file = folder / f"{provider}.json"
    file.write_text(json.dumps(plain(tree)), "utf-8")
    return file


def plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): plain(value) for key, value in node.items()}
    return [plain(each) for each in node] if isinstance(node, list) else node


def free_port() -> int:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        return int(some.getsockname()[1])


@contextmanager
def running(peer: str, file: Path, folder: Path) -> Iterator[str]:
    """Run a peer on a document until the block is left; give the base URL."""
    command, base = STARTS[peer]
    port = free_port()
    words = [word.format(port=port, file=file) for word in command]
    words[0] = str(folder / "node_modules" / ".bin" / words[0])
    with (folder / f"{peer}.log").open("w") as log, subprocess.Popen(words, stdout=log, stderr=log) as process:
        try:
            until = time.monotonic() + PATIENCE_SECONDS
            while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < until:
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}{base}"
        finally:
            process.terminate()


def told(peer: str, verdict: Verdict) -> str:
    counts = ", ".join(f"{verdict.count(state)} {state}" for state in ("pass", "fail", "vacuous"))
    broken = [f"  {name}: {each.rule.says}" for name, each in verdict.rules.items() if each.state == "fail"]
    head = f"{peer} as {verdict.provider}, {verdict.contract}: {counts} {verdict.error}".rstrip()
    return "\n".join([head, *broken])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "contratempo-peers")
    parser.add_argument("--contract", choices=("vendored", "effective"), default="vendored")
    wish = parser.parse_args()
    wish.folder.mkdir(exist_ok=True)
    if not (wish.folder / "node_modules").exists():
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--silent", *PACKAGES], cwd=wish.folder, check=True
        )
    for peer in STARTS:
        for provider in PROVIDERS:
            file = write_document(provider, wish.folder)
            with running(peer, file, wish.folder) as url:
                print(told(peer, conform(Target(url, "K"), provider=provider, contract=wish.contract)), flush=True)


if __name__ == "__main__":
    main()
