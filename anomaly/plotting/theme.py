"""Colours and strokes of a plot, for light and for dark pages."""

STYLE = """
.paper{fill:#fff}
text{fill:#3f4754;font-size:11px}
.name{font-size:14px;font-weight:600;fill:#1c2128}
.grid{stroke:#e4e8ee;stroke-width:1}
.frame{fill:none;stroke:#c3cad4;stroke-width:1}
.band{fill:#4c8dff;fill-opacity:.18}
.expected{fill:none;stroke:#4c8dff;stroke-width:1;stroke-opacity:.8}
.value{fill:none;stroke:#1c2128;stroke-width:1.1;stroke-linejoin:round;stroke-linecap:round}
.score{fill:#8250df;fill-opacity:.45;stroke:#8250df;stroke-width:.8}
.threshold{stroke:#d1242f;stroke-width:1;stroke-dasharray:4 3}
.alert{fill:#d1242f;fill-opacity:.16}
.alert-mark{fill:#d1242f}
.incident{fill:#e0a100;fill-opacity:.22}
.incident-mark{fill:#e0a100}
@media (prefers-color-scheme:dark){
.paper{fill:#14181e}
text{fill:#aab4c0}
.name{fill:#eef2f6}
.grid{stroke:#262d36}
.frame{stroke:#3b4450}
.value{stroke:#e6ebf1}
.score{fill:#a98bf5;stroke:#a98bf5}
.threshold{stroke:#ff6b6b}
.alert{fill:#ff6b6b;fill-opacity:.24}
.alert-mark{fill:#ff6b6b}
}
"""
