"""The page that the browser loads first: the shell of the document, the theme before first paint, and its headers."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

FIRST_SCRIPT = (
    "(function(){var d=document.documentElement,w=new URLSearchParams(location.search),t;"
    "if(w.get('embed')==='1'){d.setAttribute('data-embed','1');t=w.get('theme')}"
    "else{try{t=localStorage.getItem('fluxdash-theme')}catch(e){}}"
    "if(t!=='light'&&t!=='dark'){t=matchMedia('(prefers-color-scheme: dark)').matches?'dark':'light'}"
    "d.setAttribute('data-bs-theme',t)})()"
)
"""Sets what must be right before anything is painted.

The theme is the choice kept in this browser, in somebody else's frame that of the address, else the system's.
"""

INDEX = f"""<!doctype html>
<html lang="en" data-bs-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="same-origin">
<title>{{%title%}}</title>
<script>{FIRST_SCRIPT}</script>
{{%favicon%}}
{{%css%}}
</head>
<body>
{{%app_entry%}}
{{%config%}}
{{%scripts%}}
{{%renderer%}}
</body>
</html>
"""


def policy(script_hashes: Sequence[str], framers: Sequence[str] = ()) -> str:
    """Return the content security policy: our own files, the hashed inline scripts, and nothing from elsewhere.

    `framers` are the origins whose pages may show ours in a frame, besides our own.
    """
    own = base64.b64encode(hashlib.sha256(FIRST_SCRIPT.encode()).digest()).decode()
    scripts = " ".join(["'self'", *script_hashes, f"'sha256-{own}'"])
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            " ".join(["frame-ancestors 'self'", *framers]),
        ]
    )


def headers(script_hashes: Sequence[str], framers: Sequence[str] = ()) -> dict[str, str]:
    """Return the headers of every response of ours."""
    return {
        "Content-Security-Policy": policy(script_hashes, framers),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
