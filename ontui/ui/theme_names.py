"""The names of themes, for those who must not load Textual; a test compares them with the themes."""

THEME_NAMES = (
    "ontui-dark", "ontui-light", "ontui-16", "dark", "light", "16", "ansi", "ansi-dark", "ansi-light",
    "textual-dark", "textual-light", "nord", "gruvbox", "catppuccin-mocha", "dracula", "tokyo-night", "monokai",
    "flexoki", "catppuccin-latte", "catppuccin-frappe", "catppuccin-macchiato", "solarized-light", "solarized-dark",
    "rose-pine", "rose-pine-moon", "rose-pine-dawn", "atom-one-dark", "atom-one-light",
)  # fmt: skip
