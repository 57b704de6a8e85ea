"""The built site in a real browser, on file:// and over http."""
