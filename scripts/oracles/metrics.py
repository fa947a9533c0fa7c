"""Writes src/testing/oracles/goldens/metrics.json: what scikit-learn and pycocotools make of small seeded sets.

    python scripts/oracles/metrics.py

Needs numpy, scikit-learn, scipy and pycocotools. Inputs stand in the file, so that the tests need nothing of this.
"""

import contextlib
import io
import json
from pathlib import Path

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy.stats import binomtest
from sklearn.metrics import (
    f1_score,
    jaccard_score,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

OUT = Path(__file__).parents[2] / "src/testing/oracles/goldens/metrics.json"


def rounded(array, digits=5):
    return np.round(np.asarray(array, float), digits).tolist()


def roc(rng, ties):
    labels = rng.integers(0, 2, 120)
    scores = rng.normal(size=120) + 0.8 * labels
    scores = np.round(scores, 1 if ties else 5)
    return {
        "labels": labels.tolist(),
        "scores": scores.tolist(),
        "auc": roc_auc_score(labels, scores),
        "partialAuc": roc_auc_score(labels, scores, max_fpr=0.1),
    }


def positions(rng):
    truth = rng.integers(0, 4, (6, 30))
    said = np.where(rng.random((6, 30)) < 0.7, truth, rng.integers(0, 5, (6, 30)))
    ignored = rng.random((6, 30)) < 0.1
    counted = ~ignored
    iou = jaccard_score(truth[counted], said[counted], average=None, labels=range(5))
    present = [c for c in range(5) if (truth[counted] == c).any() or (said[counted] == c).any()]
    return {
        "truth": np.where(ignored, 255, truth).tolist(),
        "said": said.tolist(),
        "classes": 5,
        "meanIou": float(np.mean(iou[present])),
        "accuracy": float(np.mean(truth[counted] == said[counted])),
    }


def multi_label(rng):
    truth = rng.integers(0, 2, (40, 6))
    scores = np.clip(truth * 0.4 + rng.random((40, 6)) * 0.6, 0, 1).round(5)
    return {
        "truth": truth.tolist(),
        "scores": scores.tolist(),
        "f1": f1_score(truth, scores > 0.5, average="micro"),
    }


def regression(rng):
    truth = np.round(1000 + rng.normal(size=(50, 3)) * [1, 5, 20], 4)
    said = np.round(truth + rng.normal(size=(50, 3)) * [0.5, 1, 30], 4)
    return {
        "truth": truth.tolist(),
        "said": said.tolist(),
        "r2": r2_score(truth, said),
        "mae": mean_absolute_error(truth, said),
        "rmse": float(np.sqrt(np.mean((truth - said) ** 2))),
        "rmseOfColumns": [root_mean_squared_error(truth[:, c], said[:, c]) for c in range(3)],
    }


def detection(rng):
    size, images, categories = 100.0, [], 3
    annotations, results = [], []
    for image in range(24):
        marked, found = [], []
        for _ in range(rng.integers(0, 6)):
            w, h = rng.uniform(8, 50, 2)
            x, y = rng.uniform(0, size - w), rng.uniform(0, size - h)
            category, crowd = int(rng.integers(categories)), bool(rng.random() < 0.1)
            marked.append([x, y, w, h, category, crowd])
            for _ in range(rng.integers(0, 3)):
                jitter = rng.normal(size=4) * [w / 12, h / 12, w / 12, h / 12]
                box = np.array([x, y, w, h]) + jitter
                label = category if rng.random() < 0.85 else int(rng.integers(categories))
                found.append([*np.maximum(box, 1), label, rng.random()])
        for _ in range(rng.integers(0, 4)):
            w, h = rng.uniform(8, 40, 2)
            found.append([rng.uniform(0, size - w), rng.uniform(0, size - h), w, h, int(rng.integers(categories)), 0.6 * rng.random()])
        marked = [[*rounded(row[:4]), row[4], row[5]] for row in marked]
        found = [[*rounded(row[:4]), row[4], round(float(row[5]), 5)] for row in found]
        images.append({"marked": marked, "found": found})
        for x, y, w, h, category, crowd in marked:
            annotations.append({"id": len(annotations) + 1, "image_id": image, "category_id": category, "bbox": [x, y, w, h], "area": w * h, "iscrowd": int(crowd)})
        for x, y, w, h, category, score in found:
            results.append({"image_id": image, "category_id": category, "bbox": [x, y, w, h], "score": score})
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {"images": [{"id": i} for i in range(len(images))], "annotations": annotations, "categories": [{"id": c} for c in range(categories)]}
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return {"size": size, "images": images, "map": evaluation.stats[0], "map50": evaluation.stats[1]}


def main():
    rng = np.random.default_rng(11)
    golden = {
        "roc": [roc(rng, False), roc(rng, True)],
        "positions": positions(rng),
        "multiLabel": multi_label(rng),
        "regression": regression(rng),
        "detection": detection(rng),
        "mcnemar": [
            {"lost": lost, "won": won, "p": binomtest(min(lost, won), lost + won, 0.5).pvalue if lost + won else 1.0}
            for lost, won in [(0, 0), (1, 0), (3, 9), (12, 4), (150, 90), (2000, 1900)]
        ],
        "wilson": [
            {"hits": hits, "n": n, **dict(zip(("low", "high"), binomtest(hits, n).proportion_ci(0.95, "wilson")))}
            for hits, n in [(0, 10), (9, 10), (500, 1000), (979, 1000), (1000, 1000)]
        ],
    }
    OUT.write_text(json.dumps(golden) + "\n")


main()
