"""Groups of commands: how they list what they hold, and what becomes of failures."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import nullcontext, redirect_stderr
from io import StringIO
from traceback import format_exc
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from app.cli.failures import INTERRUPTED, Broken, Failure, Interrupted, Misused


class Group(TyperGroup):
    """Lists its commands in sections, each with its first sentence, whole."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                section = getattr(command, "rich_help_panel", None) or "Commands"
                sections.setdefault(section, []).append((name, _first_sentence(command.help or "")))
        widest = max((len(name) for rows in sections.values() for name, _ in rows), default=0)
        for section, rows in sections.items():
            with formatter.section(section):
                formatter.write_dl([(name.ljust(widest), said) for name, said in rows])


class Root(Group):
    """The command `edgeplan` itself: turns failures into one sentence and an exit code."""

    #: Commands in the order in which they are listed.
    order: Sequence[str] = ()

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of all commands, in their order."""
        return [*self.order, *(name for name in super().list_commands(ctx) if name not in self.order)]

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run a command line, and leave."""
        given = list(sys.argv[1:] if args is None else args)
        as_json = _asks_for_json(given)
        try:
            # What libraries say by the way is nothing that a machine could read.
            with redirect_stderr(StringIO()) if as_json else nullcontext():
                code = super().main(given, prog_name, complete_var, False, windows_expand_args, **extra)
        except Failure as failure:
            _leave(failure, as_json)
        except typer.TyperException as error:
            if type(error).__name__ == "NoArgsIsHelpError" and not as_json:
                # A group without a command: what it holds is all there is to say.
                typer.echo(error.format_message(), err=True)
                sys.exit(error.exit_code)
            _leave(_misused(error), as_json)
        except typer.Abort:
            # End of input, or Ctrl-C, at a question.
            _leave(Interrupted("Interrupted."), as_json)
        except Exception as error:
            if not as_json:
                raise
            _leave(Broken(f"Edgeplan's command line is at fault: {error!r}", None, format_exc().splitlines()), as_json)
        if code == INTERRUPTED:
            _leave(Interrupted("Interrupted."), as_json)
        sys.exit(code if isinstance(code, int) else 0)


def _asks_for_json(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for JSON, even one that is not right otherwise."""
    return "--json" in (arguments[: arguments.index("--")] if "--" in arguments else arguments)


def _first_sentence(text: str) -> str:
    """`Stop a solve.` of `Stop a solve. It ends soon ...`; the paragraph, if it is one sentence."""
    said = " ".join(text.split("\n\n")[0].split()).split(". ")[0].rstrip(".")
    return said if said.endswith("?") else f"{said}."


def _misused(error: typer.TyperException) -> Misused:
    """What is wrong with a command line."""
    context = getattr(error, "ctx", None)
    said = "Missing command." if type(error).__name__ == "NoArgsIsHelpError" else error.format_message()
    return Misused(" ".join(said.split()), None if context is None else f"How it is used: {context.command_path} --help")


def _leave(failure: Failure, as_json: bool) -> NoReturn:
    from app.cli.common.output import tell

    tell(failure, as_json)
    sys.exit(failure.exit_code)
