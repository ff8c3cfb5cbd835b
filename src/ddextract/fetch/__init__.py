"""From an address to a stored original: asked for politely, checked, and kept by the hash of its bytes."""

from ddextract.fetch.download import Courtesy, Download, FetchError, Limits, download
from ddextract.fetch.originals import Originals, Outcome, fetch_entries

__all__ = ["Courtesy", "Download", "FetchError", "Limits", "Originals", "Outcome", "download", "fetch_entries"]
