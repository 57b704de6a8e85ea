"""Pictures: sprites of the samples, maps and sheets for pages without a script, and the queue that draws them."""
