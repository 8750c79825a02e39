"""Draw the top of a Markdown page as GitHub shows it, with a Chromium of this machine, as PNG.

`make pictures` draws those in docs/pictures from the demo. Neither the job nor a test needs them.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import cmarkgfm
from cmarkgfm.cmark import Options

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_STYLE = """
body { margin: 0; padding: 24px; color: #1f2328; background: #fff; width: %dpx;
  font: 16px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif }
a { color: #0969da; text-decoration: none } img { max-width: 100%% }
h1, h2 { border-bottom: 1px solid #d1d9e0b3; padding-bottom: .3em; margin: 24px 0 16px;
  line-height: 1.25 } h1 { font-size: 2em; margin-top: 0 } h2 { font-size: 1.5em }
p, ul, blockquote, table, details { margin: 0 0 16px } ul { padding-left: 2em }
blockquote { color: #59636e; border-left: .25em solid #d1d9e0; padding: 0 1em }
table { display: block; width: max-content; max-width: 100%%; border-collapse: collapse }
th, td { border: 1px solid #d1d9e0; padding: 6px 13px } tr:nth-child(2n) { background: #f6f8fa }
td details { margin: 0 } sub { font-size: 75%%; line-height: 0; vertical-align: baseline }
code { font-size: 85%%; background: #818b981f; padding: .2em .4em; border-radius: 6px }
"""


def draw(page: Path, picture: Path, width: int, height: int) -> None:
    """Write the first `height` pixels of a page of that width. Raises SystemExit on failure."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        raise SystemExit(f"no browser: install one of {', '.join(_BROWSERS)}")
    html = cmarkgfm.github_flavored_markdown_to_html(
        page.read_text("utf-8"), Options.CMARK_OPT_UNSAFE
    )
    # GitHub's box of a note.
    html = html.replace("[!NOTE]\n", "")
    base = page.resolve().parent.as_uri()
    style = _STYLE % (width - 48)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        head = f'<meta charset="utf-8"><base href="{base}/"><style>{style}</style>'
        file.write_text(f"<!doctype html>{head}{html}", encoding="utf-8")
        flags = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
        size = f"--window-size={width},{height}"
        command = [browser, *flags, size, f"--screenshot={picture.resolve()}", file.as_uri()]
        subprocess.run(command, check=True, capture_output=True)


def main(arguments: list[str] | None = None) -> int:
    """Draw a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path, help="a Markdown file")
    parser.add_argument("picture", type=Path, help="the PNG file to write")
    parser.add_argument("--width", type=int, default=830, help="pixels (default: 830)")
    parser.add_argument("--height", type=int, default=640, help="pixels (default: 640)")
    options = parser.parse_args(arguments)
    options.picture.parent.mkdir(parents=True, exist_ok=True)
    draw(options.page, options.picture, options.width, options.height)
    return 0


if __name__ == "__main__":
    sys.exit(main())
