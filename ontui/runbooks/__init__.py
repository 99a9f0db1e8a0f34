"""Reads pages: a folder of Markdown → pages, sections, fences and steps; finding, matching and searching them."""
