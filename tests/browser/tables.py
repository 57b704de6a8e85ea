"""What the stored tables say of one setting, worked out anew from their rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from precompute.store import Study


class Tables:
    """One setting: clusters, labels, misclassified samples, dominant label by cluster, confusion, points, metrics."""

    def __init__(self, study: Study, perplexity: float, k: int, space: str = "map") -> None:
        embedding = f"tsne-p{perplexity:g}"
        self.k = k
        self.slug = f"features-k{k}" if space == "features" else f"{embedding}-k{k}"
        self.address = f"#perplexity={perplexity:g}&k={k}{'&space=features' if space == 'features' else ''}"
        of_all = study.clusters("features" if space == "features" else embedding).to_pandas()
        self.rows = of_all[of_all["k"] == k].set_index("sample").sort_index()
        self.clusters = self.rows["cluster"].to_numpy()
        samples = study.tables["samples"].select(["sample", "label"]).to_pandas()
        self.labels = samples.sort_values("sample")["label"].to_numpy()
        self.dominant = np.array([np.bincount(self.labels[self.clusters == one]).argmax() for one in range(k)])
        self.wrong = np.flatnonzero(self.dominant[self.clusters] != self.labels)
        self.confusion = pd.crosstab(self.dominant[self.clusters], self.labels).stack()
        self.points = study.embedding(embedding).to_pandas().sort_values("sample")[["x", "y"]].to_numpy()
        metrics = study.tables["metrics"].to_pandas()
        own = metrics[(metrics["space"] == space) & (metrics["k"] == k)]
        if space == "map":
            own = own[own["perplexity"] == perplexity]
        of_map = metrics[metrics["space"].isna() & (metrics["perplexity"] == perplexity)]
        both = pd.concat([own, of_map])
        self.metrics = dict(zip(both["metric"], both["value"], strict=True))

    def places(self) -> np.ndarray:
        """Where the page draws each sample on the t-SNE map, as shares of its width and height: (n, 2)."""
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        scaled = (self.points - (low + high) / 2) / ((high - low).max() / 2 * 1.05)
        return np.stack([(scaled[:, 0] + 1) / 2, (1 - scaled[:, 1]) / 2], axis=1)
