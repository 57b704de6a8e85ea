"""Pages: the frame of the site, and one file a page."""
