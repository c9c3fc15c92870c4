"""What the OCR demo does around its two models: boxes of text lines, pictures of lines, characters, a plan as text."""
import csv
import re

import numpy as np
import onnx
from PIL import Image

LINE_HEIGHT = 48


def detector_input(picture):
    """[1, 3, H, W] in f32, normalised with ImageNet's means as the detector was trained, in the order BGR."""
    mean, deviation = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
    scaled = (picture[:, :, ::-1].astype(np.float32) / 255 - mean) / deviation
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])


def components(mask):
    """The connected parts of a mask, as arrays of (row, column); neighbours share an edge."""
    left = mask.copy()
    for start in zip(*np.nonzero(mask)):
        if not left[start]:
            continue
        left[start] = False
        found, pending = [], [start]
        while pending:
            row, column = pending.pop()
            found.append((row, column))
            for near in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
                if 0 <= near[0] < mask.shape[0] and 0 <= near[1] < mask.shape[1] and left[near]:
                    left[near] = False
                    pending.append(near)
        yield np.array(found)


def find_lines(probability, threshold=0.3, least_score=0.6, growth=1.6):
    """Boxes (left, top, right, bottom) of text lines, from top to bottom.

    The network gives each pixel the probability to lie in the shrunk core of a line; a core's box grows back by
    area * growth / perimeter. Source: Liao et al. 2020, "Real-time scene text detection with differentiable
    binarization".
    """
    boxes = []
    for pixels in components(probability > threshold):
        top, left = pixels.min(0)
        bottom, right = pixels.max(0) + 1
        height, width = bottom - top, right - left
        if min(height, width) < 3 or probability[pixels[:, 0], pixels[:, 1]].mean() < least_score:
            continue
        margin = round(height * width * growth / (2 * (height + width)))
        limits = probability.shape
        box = (left - margin, top - margin, right + margin, bottom + margin)
        boxes.append(tuple(int(np.clip(edge, 0, limits[1 - axis % 2])) for axis, edge in enumerate(box)))
    return sorted(boxes, key=lambda box: box[1])


def recogniser_input(picture, box):
    """A line as [1, 3, 48, W] in [-1, 1], in the order BGR."""
    left, top, right, bottom = box
    width = max(round((right - left) * LINE_HEIGHT / (bottom - top)), 16)
    line = Image.fromarray(picture[top:bottom, left:right]).resize((width, LINE_HEIGHT), Image.Resampling.BILINEAR)
    scaled = np.asarray(line)[:, :, ::-1].astype(np.float32) / 255
    return np.ascontiguousarray(((scaled - 0.5) / 0.5).transpose(2, 0, 1)[None])


def alphabet(model):
    """Characters by class: nothing, those in the model's metadata, and the blank between words."""
    entries = {entry.key: entry.value for entry in onnx.load(model).metadata_props}
    return ["", *entries["character"].splitlines(), " "]


def decode(scores, characters):
    """The text of [steps, classes]: the best class of each step, repetitions and nothing left out."""
    best = scores.argmax(-1)
    return "".join(characters[c] for before, c in zip(np.append(-1, best), best) if c != before)


def plan_table(plan):
    """The arena's values in the text of a plan, as the table that heddle-pack takes."""
    found = re.findall(r"arena (\d+) bytes, steps \[(\d+), (\d+)\)", plan)
    rows = [f"{number},{first},{last},{size}" for number, (size, first, last) in enumerate(found)]
    return "\n".join(["id,lower,upper,size", *rows]) + "\n"


def plan_picture(table, rows=16, columns=72):
    """Draws packed values: time to the right, addresses upwards, one letter per value so that neighbours differ."""
    places = list(csv.DictReader(table.splitlines()))
    places = [{key: int(value) for key, value in place.items() if key != "id"} for place in places]
    steps = max(place["upper"] for place in places)
    arena = max(place["offset"] + place["size"] for place in places)
    grid = [[" "] * columns for _ in range(rows)]
    for number, place in enumerate(places):
        low, high = place["offset"] * rows // arena, -(-(place["offset"] + place["size"]) * rows // arena)
        begin, end = place["lower"] * columns // steps, -(-place["upper"] * columns // steps)
        for row in grid[low:high]:
            row[begin:end] = chr(ord("a") + number % 26) * (end - begin)
    total = sum(place["size"] for place in places)
    caption = f"{len(places)} values of {total / 1e6:.2f} MB in an arena of {arena / 1e6:.2f} MB, over {steps} steps"
    return "\n".join([*("  |" + "".join(row) + "|" for row in reversed(grid)), "  +" + "-" * columns + "+", f"  {caption}"])
