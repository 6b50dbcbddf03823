"""``memctl mcp``: let a model of your own choice ask a store, over the Model Context Protocol."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from memctl.cli.answering import Ways
from memctl.cli.memory.options import UserOption
from memctl.cli.options import DEFAULT_STORE, IndexOption, StoreOption
from memctl.cli.output import command, talk


@command
def mcp_cli(
    http: Annotated[
        bool, typer.Option("--http", help="Serve over HTTP on this machine, in place of stdio.")
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Of --http.")] = 8_765,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            metavar="FILE",
            help="Holds the token of --http; else MEMCTL_MCP_TOKEN does.",
        ),
    ] = None,
    llm: Annotated[
        str, typer.Option("--llm", metavar="MODEL", help="What the tool ask answers with.")
    ] = "",
    write: Annotated[
        bool, typer.Option("--write", help="Let the memory be changed: tools remember, forget.")
    ] = False,
    user: UserOption = "",
    index: IndexOption = "default",
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Serve the store to programs that speak the Model Context Protocol.

    Tools: search, ask, get_document, recall; resources: the documents. Only
    with --write can the user's memory be changed through it, and nothing else.
    Over stdio a program starts it by itself; over HTTP it listens on this
    machine alone and wants a token.

    Example: memctl mcp --store ~/notes/.memctl
    """
    from memctl.ingest import Store, UsageError

    if find_spec("mcp") is None:
        raise UsageError("the SDK is not installed", hint="Run: pip install 'memctl-rag[mcp]'")
    with Store.open(store):  # a store that is none is told before anybody asks
        pass
    from memctl.cli.mcp.desk import Desk
    from memctl.cli.mcp.http import run, token
    from memctl.cli.mcp.server import over_stdio, serve

    secret = token(token_file) if http else ""
    desk = Desk(store, index, Ways(llm), user=user)
    try:
        server = serve(desk, store, write=write)
        if http:
            talk(f"memctl: http://127.0.0.1:{port}/mcp, until Ctrl-C")
            run(server, port=port, secret=secret)
        else:
            over_stdio(server)
    finally:
        desk.close()
