"""What decides the bits of results beside data and code: the machine, and the versions of libraries."""

from __future__ import annotations

import platform

from precompute import features, neighbors
from precompute.clusterers import registry as clusterers_registry
from precompute.maps import registry as maps_registry
from precompute.metrics import registry as metrics_registry
from precompute.run import cells


def machine() -> dict[str, str]:
    """What decides floating-point bits on this machine; nothing that names the machine or a path."""
    import numpy as np
    from threadpoolctl import threadpool_info

    blas = sorted(
        {
            f"{pool['internal_api']} {pool.get('version')} {pool.get('architecture', '')}".strip()
            for pool in threadpool_info()
            if pool.get("user_api") == "blas"
        }
    )
    features_found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    return {
        "machine": platform.machine(),
        "python": platform.python_version(),
        "blas": ", ".join(blas),
        "cpu_features": " ".join(features_found),
    }


def libraries() -> dict[str, str]:
    """Installed versions of the libraries that decide the bits of the results."""
    stages = (features, neighbors, metrics_registry)
    used = {library for stage in stages for library in stage.LIBRARIES}
    used |= {library for one in maps_registry.METHODS.values() for library in one.libraries}
    used |= {library for one in clusterers_registry.CLUSTERERS.values() for library in one.libraries}
    return cells.versions(sorted(used))
