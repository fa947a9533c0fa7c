"""Serves the folder "rangefinder" beside this one, with the headers that precise timers need. Needs Python alone."""

import http.server
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "rangefinder"
PORT = 4173


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of the folder, with their types told to browsers, which refuse scripts and WebAssembly without."""

    extensions_map = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
        ".json": "application/json",
        ".webmanifest": "application/manifest+json",
        ".svg": "image/svg+xml",
    }

    def __init__(self, *args):
        super().__init__(*args, directory=str(FOLDER))

    def end_headers(self):
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()


if __name__ == "__main__":
    host = "0.0.0.0" if "--all" in sys.argv else "localhost"
    print(f"Rangefinder is at http://localhost:{PORT}/ – Ctrl-C stops it.")
    http.server.ThreadingHTTPServer((host, PORT), Handler).serve_forever()
