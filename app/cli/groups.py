"""Groups of commands: how they list what they hold, and what becomes of failures."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from app.cli.failures import INTERRUPTED, Failure


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
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except Failure as failure:
            _tell(failure)
            sys.exit(failure.exit_code)
        except typer.TyperException as error:
            sys.exit(_misused(error))
        except typer.Abort:
            # End of input, or Ctrl-C, at a question.
            sys.exit(INTERRUPTED)
        sys.exit(code if isinstance(code, int) else 0)


def _first_sentence(text: str) -> str:
    """`Stop a solve.` of `Stop a solve. It ends soon ...`; the paragraph, if it is one sentence."""
    return " ".join(text.split("\n\n")[0].split()).split(". ")[0].rstrip(".") + "."


def _misused(error: typer.TyperException) -> int:
    """Tell what is wrong with a command line; the exit code."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        # A group without a command: what it holds is all there is to say.
        typer.echo(error.format_message(), err=True)
    else:
        sentence = " ".join(error.format_message().split())
        _tell(Failure(sentence, None if context is None else f"How it is used: {context.command_path} --help"))
    return error.exit_code


def _tell(failure: Failure) -> None:
    from app.cli.output import tell

    tell(failure)
