"""The picture in the README: the first page of the report on the four specimens, as a browser shows it (``make screenshot``)."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import ddextract

PICTURE = Path(__file__).parent / "images" / "report.png"
SIZE = {"width": 1100, "height": 1180}


def main() -> None:
    """Run the main job and take the picture."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as engine:
        report = ddextract.write_run(ddextract.run(["usa-2031", "gbr-2031", "fra-2031", "esp-2031"]), Path(folder))
        browser = engine.chromium.launch(executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto(report.resolve().as_uri())
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
