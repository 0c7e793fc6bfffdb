"""English words of the pages: collects the Chinese source strings, merges and compiles the catalogue.

`python -m service.web.translations_build` compiles; with `--collect` it first adds new strings to `messages.po`.
"""

from __future__ import annotations

import argparse
import os
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

WEB = Path(__file__).parent
FOLDER = WEB / "translations"
SOURCE = FOLDER / "en" / "LC_MESSAGES" / "messages.po"
_METHODS = [("pages/**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
_KEYWORDS = {"_": None, "say": None, "N_": None, "pgettext": ((1, "c"), 2)}


def collected() -> Catalog:
    """Every source string of the pages and their templates, with the files that it stands in."""
    catalog = Catalog(locale="en", charset="utf-8", project="Mingjing", fuzzy=False)
    found = extract_from_dir(WEB, _METHODS, {"templates/**.html": {"silent": "false"}}, keywords=_KEYWORDS)
    for filename, _line, message, comments, context in found:
        catalog.add(message, None, [(filename, 0)], auto_comments=comments, context=context)
    return catalog


def read_catalogue() -> Catalog:
    """The catalogue as it stands."""
    with SOURCE.open("rb") as file:
        return read_po(file, locale="en")


def merge() -> None:
    """Add new source strings to the catalogue and drop those that no page uses any more."""
    catalog = read_catalogue() if SOURCE.exists() else Catalog(locale="en", charset="utf-8", fuzzy=False)
    catalog.update(collected(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.header_comment = "# English words of the pages; the source strings are Chinese."
    catalog.project, catalog.version, catalog.last_translator = "Mingjing", "1", "Mingjing"
    catalog.language_team, catalog.msgid_bugs_address = "Mingjing", "see README.md"
    SOURCE.parent.mkdir(parents=True, exist_ok=True)
    with SOURCE.open("wb") as file:
        write_po(file, catalog, width=0, sort_output=True, omit_header=False, include_lineno=False)


def compiled_folder(otherwise: Path) -> Path:
    """The folder with the compiled catalogue: beside the source, or `otherwise` where nothing may be written there."""
    try:
        compile_if_stale(FOLDER)
    except OSError:
        compile_if_stale(otherwise)
        return otherwise
    return FOLDER


def compile_if_stale(folder: Path) -> bool:
    """Write the folder's `messages.mo` where it is missing or older than the catalogue; whether it was written.

    Two processes that start at once both write the same bytes, each by renaming, so that none reads half a file.
    """
    target = folder / SOURCE.relative_to(FOLDER).with_suffix(".mo")
    if target.exists() and target.stat().st_mtime_ns >= SOURCE.stat().st_mtime_ns:
        return False
    buffer = BytesIO()
    write_mo(buffer, read_catalogue())
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(buffer.getvalue())
    part.replace(target)
    return True


def main() -> int:
    """The command line; 1 where a source string has no English yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collect", action="store_true", help="take new strings over from the sources first")
    if parser.parse_args().collect:
        merge()
    SOURCE.with_suffix(".mo").unlink(missing_ok=True)
    compile_if_stale(FOLDER)
    missing = [message.id for message in read_catalogue() if message.id and not message.string]
    for one in missing:
        sys.stderr.write(f"no English yet: {one}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
