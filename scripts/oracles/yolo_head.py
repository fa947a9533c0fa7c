"""Trains the smallest detector with YOLOv8's raw output and writes src/testing/goldens/yolo-head.zip: model, images, boxes.

    python scripts/oracles/yolo_head.py

Needs TensorFlow with Keras 3. Squares and crosses on noise; one anchor-free grid of 6x6 cells; the output is
[4 + classes, cells] with centre and size in pixels beside probabilities, as ultralytics exports it. Trained on 48x48
pixels; what is written takes 288x288 and averages them, so that boxes reach as far as in a real detector. Seeds are fixed.
"""

import io
import json
import tempfile
import zipfile
from pathlib import Path

import keras
import numpy as np

OUT = Path(__file__).parents[2] / "src/testing/goldens/yolo-head.zip"
SIZE, CELL, CLASSES, LARGE = 48, 8, 2, 6
GRID = SIZE // CELL


def draw(rng, n):
    images = 16 * np.round(rng.normal(90, 14, (n, SIZE, SIZE, 1)) / 16)
    boxes = []
    for image in images:
        marked = []
        for _ in range(rng.integers(1, 4)):
            side = int(rng.integers(8, 18))
            x, y = (int(v) for v in rng.integers(0, SIZE - side, 2))
            if any(abs(x - a) < 18 and abs(y - b) < 18 for a, b, *_ in marked):
                continue
            kind = int(rng.integers(CLASSES))
            if kind == 0:
                image[y : y + side, x : x + side] = 230
            else:
                third = side // 3
                image[y + third : y + side - third, x : x + side] = 20
                image[y : y + side, x + third : x + side - third] = 20
            marked.append((x, y, side, kind))
        boxes.append(marked)
    return np.clip(images, 0, 255).astype("uint8"), boxes


def targets(boxes):
    t = np.zeros((len(boxes), GRID * GRID, 5 + CLASSES), "float32")
    for i, marked in enumerate(boxes):
        for x, y, side, kind in marked:
            cx, cy = x + side / 2, y + side / 2
            cell = int(cy // CELL) * GRID + int(cx // CELL)
            t[i, cell, :4] = cx, cy, side, side
            t[i, cell, 4] = 1
            t[i, cell, 5 + kind] = 1
    return t


def network(scale=1):
    image = keras.Input((scale * SIZE, scale * SIZE, 1), name="image")
    x = keras.layers.Rescaling(1 / 255)(image)
    if scale > 1:
        x = keras.layers.AveragePooling2D(scale)(x)
    for filters in (8, 16, 24):
        x = keras.layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.ReLU()(x)
    x = keras.layers.Conv2D(32, 3, padding="same", activation="relu")(x)
    box = keras.layers.Conv2D(4, 1, name="box")(x)
    # Centres start in the middle of their cells: a constant added, as decoding heads do.
    middle = (np.stack(np.meshgrid(np.arange(GRID), np.arange(GRID)), -1) + 0.5) * CELL
    start = np.concatenate([middle, np.full((GRID, GRID, 2), 12.0)], -1).reshape(GRID * GRID, 4)
    box = keras.layers.Reshape((GRID * GRID, 4))(box)
    box = keras.layers.Rescaling(float(scale * CELL))(box)
    box = box + scale * start.astype("float32")[None]
    score = keras.layers.Conv2D(CLASSES, 1, activation="sigmoid", name="score", bias_initializer=keras.initializers.Constant(-2.0))(x)
    score = keras.layers.Reshape((GRID * GRID, CLASSES))(score)
    detections = keras.layers.Concatenate(name="joined")([box, score])
    return keras.Model(image, keras.layers.Permute((2, 1), name="detections")(detections))


def loss(t, p):
    p = keras.ops.transpose(p, (0, 2, 1))
    present = t[..., 4:5]
    box = keras.ops.sum(present * keras.ops.abs(t[..., :4] - p[..., :4])) / CELL
    score = keras.ops.clip(p[..., 4:], 1e-6, 1 - 1e-6)
    wanted = t[..., 5:]
    cross = -keras.ops.sum(wanted * keras.ops.log(score) + (1 - wanted) * keras.ops.log(1 - score))
    return (box + cross) / 32


def main():
    keras.utils.set_random_seed(7)
    rng = np.random.default_rng(7)
    x, boxes = draw(rng, 3000)
    model = network()
    model.compile(keras.optimizers.Adam(3e-3), loss)
    model.fit(x.astype("float32"), targets(boxes), batch_size=32, epochs=10, verbose=2)
    held, marked = draw(rng, 240)
    held = held.repeat(LARGE, 1).repeat(LARGE, 2)
    # Without the optimizer's state, which is twice the weights.
    bare = network(LARGE)
    bare.set_weights(model.get_weights())
    path = Path(tempfile.mkdtemp()) / "yolo-head.keras"
    bare.save(path)
    arrays = io.BytesIO()
    np.savez_compressed(arrays, x=held)
    coco = {
        "images": [{"id": i, "file_name": f"{i}.png", "width": LARGE * SIZE, "height": LARGE * SIZE} for i in range(len(held))],
        "categories": [{"id": 1, "name": "square"}, {"id": 2, "name": "cross"}],
        "annotations": [
            {"id": 1 + n, "image_id": i, "category_id": kind + 1, "bbox": [LARGE * v for v in (x0, y0, side, side)], "area": (LARGE * side) ** 2, "iscrowd": 0}
            for n, (i, (x0, y0, side, kind)) in enumerate((i, box) for i, row in enumerate(marked) for box in row)
        ],
    }
    with zipfile.ZipFile(OUT, "w", zipfile.ZIP_DEFLATED) as file:
        file.write(path, "yolo-head.keras")
        file.writestr("images.npz", arrays.getvalue())
        file.writestr("boxes.json", json.dumps(coco))


main()
