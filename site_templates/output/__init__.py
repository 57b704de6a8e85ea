"""What is sent: bundles of styles and scripts, sizes against the limits of hosts, and a server to look at it."""
