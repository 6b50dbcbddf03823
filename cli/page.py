"""The frame of an HTML page that needs nothing else: no script, no font, no network."""

from __future__ import annotations

import html

_STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --grid: #ddd; --soft: #666;
  --bad: #b3261e; --good: #1b6e2d; --mark: #0072b2; --old: #999; --band: #f4f4f4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e6; --paper: #161616; --grid: #3a3a3a; --soft: #9a9a9a;
    --bad: #ff8a80; --good: #7fd494; --mark: #56b4e9; --old: #777; --band: #222; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 1280px; margin: 2rem auto; padding: 0 1rem; overflow-wrap: break-word; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(400px, 100%), 1fr));
  gap: 1rem; }
figure { margin: 0; }
figcaption { text-align: center; }
svg { width: 100%; height: auto; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .grid { stroke: var(--grid); }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin-top: 1rem; }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--grid);
  vertical-align: top; }
"""


def html_page(title: str, body: str, *, style: str = "") -> str:
    """Return a page with ``body``, which is markup; ``title`` is text."""
    return _PAGE.format(title=html.escape(title), body=body, style=_STYLE + style)


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""
