"""``ddextract corpus``: the registry, and the documents fetched into the user's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ddextract.commands.options import AsJson
from ddextract.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from ddextract.corpus import Entry, Registry
    from ddextract.fetch.originals import Outcome

corpus_app = typer.Typer(no_args_is_help=True, help="The registry of strategies: list, add, fetch, verify, status.", rich_markup_mode=None)

Corpus = Annotated[
    Path | None,
    typer.Option("--corpus", help="Folder of your own registry and fetched originals (DDEXTRACT_CORPUS, else ddextract-corpus).", show_default=False),
]


def _registry(corpus: Path | None) -> tuple[Registry, Path]:
    from ddextract.corpus import load_registry, own_corpus

    folder = corpus or own_corpus()
    return load_registry(own=folder), folder


def _chosen(registry: Registry, ids: list[str] | None) -> list[Entry]:
    for identity in ids or ():
        if identity not in registry.by_id:
            from difflib import get_close_matches

            near = get_close_matches(identity, registry.by_id, n=1)
            hint = f" Did you mean {near[0]}?" if near else " The ids: ddextract corpus list."
            raise UsageError(f"'{identity}' is not in the registry.{hint}")
    return [registry.by_id[i] for i in ids] if ids else list(registry.entries)


@corpus_app.command("list")
def corpus_list(
    as_json: AsJson = False,
    included: Annotated[bool, typer.Option("--included", help="Only what is in the repository.")] = False,
    cited: Annotated[bool, typer.Option("--cited", help="Only what the article cites.")] = False,
    here: Annotated[bool, typer.Option("--here", help="Only those whose file is here, included or fetched.")] = False,
    ids: Annotated[bool, typer.Option("--ids", help="Only the ids, to be given to run or refresh.")] = False,
    state: Annotated[str | None, typer.Option("--state", help="Only of this state.")] = None,
    corpus: Corpus = None,
) -> int:
    """List the strategies of the registry, ours and your own."""
    from dataclasses import asdict

    from ddextract.corpus import checked_state

    registry, _ = _registry(corpus)
    wanted = checked_state(state)
    entries = [e for e in registry.entries if (e.included or not included) and (e.cited_by_article or not cited) and (wanted is None or wanted in e.issuers)]
    entries = [e for e in entries if not here or registry.path_of(e)]
    if as_json:
        typer.echo(json.dumps([asdict(e) for e in entries], ensure_ascii=False, indent=1))
        return ExitCode.OK
    for e in entries:
        if ids:
            typer.echo(e.id)
            continue
        place = "included" if e.included else "here" if registry.path_of(e) else "not here"
        typer.echo(f"{e.id:<48} {e.state:<8} {e.year or '':<5} {e.language:<3} {place:<9} {e.tried[:19]:<19} {e.title}")
    return ExitCode.OK


@corpus_app.command("add")
def corpus_add(
    identity: Annotated[str, typer.Argument(metavar="ID", help="Short name of the document, e.g. fra-rns-2025.")],
    state: Annotated[str, typer.Option("--state", help="Issuing state (ISO 3166-1 alpha-3); several separated by semicolons.")] = "",
    title: Annotated[str, typer.Option("--title", help="Title.")] = "",
    issuer: Annotated[str, typer.Option("--issuer", help="The body that issued it.")] = "",
    year: Annotated[int | None, typer.Option("--year", help="Year.", min=1800, max=2100)] = None,
    date: Annotated[str, typer.Option("--date", help="Date (ISO 8601).")] = "",
    kind: Annotated[str, typer.Option("--type", help="strategy, white paper, review, doctrine …")] = "",
    lang: Annotated[str, typer.Option("--lang", help="Language (ISO 639-1).")] = "",
    translated: Annotated[bool, typer.Option("--translated", help="It is a translation.")] = False,
    version_of: Annotated[str, typer.Option("--version-of", help="Id of the document of which it is another edition or translation.")] = "",
    address: Annotated[str, typer.Option("--address", help="Where it can be fetched.")] = "",
    address_source: Annotated[str, typer.Option("--address-source", help="What gives the address.")] = "",
    licence: Annotated[str, typer.Option("--licence", help="Terms.")] = "",
    note: Annotated[str, typer.Option("--note", help="Remarks.")] = "",
    file: Annotated[Path | None, typer.Option("--file", help="A file that you have: it is copied into the corpus.")] = None,
    replace_: Annotated[bool, typer.Option("--replace", help="Replace the entry of this id.")] = False,
    corpus: Corpus = None,
) -> int:
    """Add a document to your own registry, by its address or as a file."""
    import re

    from ddextract.corpus import UNTRIED, Entry, checked_state, full_address, save_entries

    registry, folder = _registry(corpus)
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,80}", identity):
        raise UsageError(f"'{identity}' is no id. Use lower-case letters, digits, hyphens.")
    if identity in registry.by_id and not replace_:
        raise UsageError(f"'{identity}' is in the registry already. --replace writes it anew.")
    if version_of and version_of not in registry.by_id:
        raise UsageError(f"--version-of {version_of} is not in the registry. The ids: ddextract corpus list.")
    states = ";".join(checked_state(part) or "" for part in state.split(";") if part.strip())
    entry = Entry(
        identity, states, issuer, title, year, date, kind, lang, translated, version_of, "", full_address(address),
        address_source or ("user" if address else ""),
        UNTRIED if address else "", licence, note=note,
    )  # fmt: skip
    if file is not None:
        from ddextract.fetch.originals import add_file

        entry = add_file(file, entry, folder)
    else:
        save_entries(folder, [entry])
    typer.echo(f"{identity}: added to {folder / 'strategies.csv'}{'' if file or not address else f'. To have it: ddextract corpus fetch {identity}'}")
    return ExitCode.OK


@corpus_app.command("fetch")
def corpus_fetch(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids; all with an address if none is given.")] = None,
    corpus: Corpus = None,
    allow_files: Annotated[bool, typer.Option("--allow-files", help="Also file: addresses.")] = False,
    allow_private: Annotated[bool, typer.Option("--allow-private", help="Also hosts in private networks and on this machine.")] = False,
    allow_html: Annotated[bool, typer.Option("--allow-html", help="Also web pages.")] = False,
    ignore_robots: Annotated[bool, typer.Option("--ignore-robots", help="Do not ask robots.txt; only where you have the right to.")] = False,
    max_size: Annotated[float, typer.Option("--max-size", help="MiB that a document may have.", min=0.001)] = 200,
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds for a document, all attempts included.", min=0.1)] = 600,
    redirects: Annotated[int, typer.Option("--redirects", help="Most redirects.", min=0)] = 5,
    attempts: Annotated[int, typer.Option("--attempts", help="Most attempts.", min=1)] = 4,
    pause: Annotated[float, typer.Option("--pause", help="Seconds between two requests to a host.", min=0)] = 2.0,
    proxy: Annotated[str | None, typer.Option("--proxy", help="Address of a proxy.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Ask for the whole even if nothing has changed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be asked, and stop.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only the summary line and faults.")] = False,
    as_json: AsJson = False,
) -> int:
    """Fetch documents: only what has changed, politely, checked, kept by content."""
    registry, folder = _registry(corpus)
    chosen = _chosen(registry, ids)
    entries = [e for e in chosen if e.address]
    for e in chosen:
        if ids and not e.address:
            typer.echo(f"{e.id}: no address is known. Get the file yourself: ddextract corpus add {e.id} --replace --file FILE", err=True)
    if dry_run:
        for e in entries:
            typer.echo(f"{e.id}\t{e.tried or 'untried'}\t{e.address}")
        return ExitCode.OK if entries else ExitCode.ALL_FAILED
    from ddextract.fetch.address import Allowed
    from ddextract.fetch.download import Courtesy, Limits
    from ddextract.fetch.originals import Session, fetch_entries

    session = Session(
        Limits(size=int(max_size * (1 << 20)), seconds=timeout, redirects=redirects, attempts=attempts),
        Allowed(files=allow_files, private=allow_private, proxy=proxy),
        Courtesy(seconds=pause, obey=not ignore_robots),
        html=allow_html,
        again=again,
    )

    def told(outcome: Outcome) -> None:
        if outcome.failed:
            typer.echo(f"{outcome.entry.id}: {outcome.cause}. {outcome.remedy}.", err=True)
        elif not quiet and not as_json:
            typer.echo(f"{outcome.entry.id}: {outcome.result}")

    outcomes = fetch_entries(entries, folder, session, told=told)
    failed = sum(o.failed for o in outcomes) + (len(chosen) - len(entries) if ids else 0)
    if as_json:
        record = [{"id": o.entry.id, "result": o.result, "cause": o.cause, "remedy": o.remedy, "sha256": o.entry.sha256} for o in outcomes]
        typer.echo(json.dumps({"schema": "ddextract.fetch/1", "outcomes": record}, ensure_ascii=False, indent=1))
    else:
        counts = ", ".join(f"{sum(o.result == r for o in outcomes)} {r}" for r in dict.fromkeys(o.result for o in outcomes))
        typer.echo(f"fetched {len(entries)}: {counts or 'nothing has an address'}")
    if not outcomes or failed >= len(outcomes) + (len(chosen) - len(entries) if ids else 0):
        return ExitCode.ALL_FAILED
    return ExitCode.SOME_FAILED if failed else ExitCode.OK


@corpus_app.command("verify")
def corpus_verify(ids: Annotated[list[str] | None, typer.Argument(help="Ids; all if none is given.")] = None, corpus: Corpus = None) -> int:
    """Check that every file of the registry is there and has the bytes that the registry knows."""
    from ddextract.fetch.originals import verify_files

    registry, _ = _registry(corpus)
    entries = [(e, registry.place_of(e)) for e in _chosen(registry, ids)]
    faults = list(verify_files(entries))
    for entry, fault in faults:
        typer.echo(f"{entry.id}: {fault}. Fetch or add it again.", err=True)
    typer.echo(
        f"{sum(path is not None for _, path in entries)} files checked, {len(faults)} fault(s); {sum(path is None for _, path in entries)} entries have no file"
    )
    return ExitCode.CHECK_FAILED if faults else ExitCode.OK


@corpus_app.command("status")
def corpus_status(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids; all if none is given.")] = None, corpus: Corpus = None, as_json: AsJson = False
) -> int:
    """Say of every entry whether it is here, when it was fetched, what failed, what is untried."""
    from collections import Counter

    from ddextract.fetch.originals import Originals, standing

    registry, folder = _registry(corpus)
    originals = Originals(folder)
    rows = [standing(e, registry.path_of(e), originals.card(e.id)) for e in _chosen(registry, ids)]
    if as_json:
        typer.echo(json.dumps({"schema": "ddextract.corpus-status/1", "entries": rows}, ensure_ascii=False, indent=1))
        return ExitCode.OK
    for row in rows:
        held = f"{row['snapshots']} snapshot(s), {row['versions']} version(s)" if row["snapshots"] else ""
        typer.echo(f"{row['id']:<48} {row['standing']:<11} {held:<28} {row['tried']}".rstrip())
    typer.echo("; ".join(f"{n} {name}" for name, n in Counter(row["standing"] for row in rows).most_common()), err=True)
    return ExitCode.OK
