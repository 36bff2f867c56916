"""The page that the browser loads first: the shell of the document, the theme before first paint, and its headers."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

THEME_SCRIPT = (
    "(function(){var d=document.documentElement,t;try{t=localStorage.getItem('fluxdash-theme')}catch(e){}"
    "if(t!=='light'&&t!=='dark'){t=matchMedia('(prefers-color-scheme: dark)').matches?'dark':'light'}"
    "d.setAttribute('data-bs-theme',t)})()"
)
"""Sets the theme before anything is painted: the choice kept in this browser, else the system's."""

INDEX = f"""<!doctype html>
<html lang="en" data-bs-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="same-origin">
<title>{{%title%}}</title>
<script>{THEME_SCRIPT}</script>
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


def policy(script_hashes: Sequence[str]) -> str:
    """Return the content security policy: our own files, the hashed inline scripts, and nothing from elsewhere."""
    own = base64.b64encode(hashlib.sha256(THEME_SCRIPT.encode()).digest()).decode()
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
            "frame-ancestors 'self'",
        ]
    )


def headers(script_hashes: Sequence[str]) -> dict[str, str]:
    """Return the headers of every response of ours."""
    return {
        "Content-Security-Policy": policy(script_hashes),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
