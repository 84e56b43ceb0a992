"""Makes a tiny random safety checker and writes what diffusers' says of pictures.

    python safety.py [FOLDER]

Writes FOLDER/checker (as diffusers saves it; FOLDER defaults to
Tests/DiffusionTests/Fixtures/safety), FOLDER/picture-N.png and FOLDER/verdicts.json: for each picture
its scores by concept and whether it is flagged. Thresholds are put between the pictures' own
cosines, so that some are flagged, some only with the special concepts' adjustment, and some not.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from diffusers.pipelines.stable_diffusion.safety_checker import (
    StableDiffusionSafetyChecker,
    cosine_distance,
)
from PIL import Image
from transformers import CLIPConfig, CLIPImageProcessor

from tiny_models import HERE, randomise

FOLDER = HERE.parent / "DiffusionTests" / "Fixtures" / "safety"
SIDE, COUNT = 42, 8


def checker():
    torch.manual_seed(11)
    config = CLIPConfig(
        projection_dim=20,
        vision_config=dict(
            hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=3,
            image_size=SIDE, patch_size=14, hidden_act="quick_gelu", projection_dim=20,
        ),
        text_config=dict(hidden_size=8, intermediate_size=8, num_hidden_layers=1,
                         num_attention_heads=1, vocab_size=16, max_position_embeddings=4),
    )
    model = StableDiffusionSafetyChecker(config).eval()
    randomise(model.vision_model, 5)
    torch.nn.init.normal_(model.visual_projection.weight, std=0.3)
    for table in (model.concept_embeds, model.special_care_embeds):
        table.data.copy_(torch.randn(table.shape))
    return model.half().float()


def picture(seed: int):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(40, 140)), int(rng.integers(40, 140))
    small = Image.fromarray(rng.integers(0, 256, (4, 5, 3)).astype(np.uint8))
    return small.resize(size, Image.Resampling.BICUBIC)


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    model = checker()
    size = {"height": SIDE, "width": SIDE}
    processor = CLIPImageProcessor(size={"shortest_edge": SIDE}, crop_size=size)
    pictures = [picture(seed) for seed in range(COUNT)]
    inputs = torch.cat([processor(p, return_tensors="pt").pixel_values for p in pictures])
    vectors = model.visual_projection(model.vision_model(inputs)[1])
    cosines = cosine_distance(vectors, model.concept_embeds).sort(0).values
    special = cosine_distance(vectors, model.special_care_embeds).sort(0).values
    # Most concepts lie above all pictures, one between them, one just above two of them.
    model.concept_embeds_weights.data.copy_(cosines[-1] + 0.05)
    model.concept_embeds_weights.data[3] = (cosines[-2, 3] + cosines[-3, 3]) / 2
    model.concept_embeds_weights.data[9] = cosines[-4, 9] + 0.006
    model.special_care_embeds_weights.data.copy_(special[-1] + 0.02)
    model.special_care_embeds_weights.data[1] = (special[3, 1] + special[4, 1]) / 2
    model.half().float()
    model.half().save_pretrained(folder / "checker")
    model.float()
    verdicts = []
    for index, image in enumerate(pictures):
        image.save(folder / f"picture-{index}.png")
        scores = []
        # The method keeps its scores to itself: the same lines with a list that is kept.
        vector = model.visual_projection(model.vision_model(inputs[index : index + 1])[1])
        adjustment = 0.0
        near = cosine_distance(vector, model.special_care_embeds).numpy()[0]
        for cosine, limit in zip(near, model.special_care_embeds_weights):
            if round(cosine - limit.item() + adjustment, 3) > 0:
                adjustment = 0.01
        found = cosine_distance(vector, model.concept_embeds).numpy()[0]
        for cosine, limit in zip(found, model.concept_embeds_weights):
            scores.append(round(float(round(cosine - limit.item() + adjustment, 3)), 3))
        _, flagged = model(inputs[index : index + 1], [np.ones((4, 4, 3))])
        assert flagged[0] == (max(scores) > 0)
        verdicts.append(dict(scores=scores, isFlagged=bool(flagged[0]), special=adjustment > 0))
    (folder / "verdicts.json").write_text(json.dumps(verdicts, indent=1) + "\n")
    config = json.loads((folder / "checker" / "config.json").read_text())
    config.pop("_name_or_path", None)
    (folder / "checker" / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    print([(v["isFlagged"], v["special"], max(v["scores"])) for v in verdicts])


if __name__ == "__main__":
    main()
