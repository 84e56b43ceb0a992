"""Makes tiny random SDXL pipelines, saved as diffusers folders, for the engine's parity tests.

    python tiny_models.py [FOLDER]

FOLDER defaults to Tests/DiffusionTests/Fixtures/models. Weights are stored as float16 and every
reference run loads them as float32, so that both sides start from the same numbers.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    EulerDiscreteScheduler,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers, Regex
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
)

HERE = Path(__file__).resolve().parent
MODELS = HERE.parent / "DiffusionTests" / "Fixtures" / "models"

CORPUS = [
    "a lighthouse on a cliff at sunset, in the rain, oil painting, highly detailed",
    "a small red house beside a lake in the morning fog, watercolour",
    "blurry, low quality, worst quality, text, signature, jpeg artifacts",
    "a castle in the mountains at night under a full moon and stars, neon poster",
    "three green pines and a windmill on a meadow, clear sky, illustration",
] * 4


def vocabulary(size: int):
    """A CLIP vocabulary of `size` entries: bytes, bytes at a word's end, merges, two specials."""
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(
                Regex(r"[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), behavior="removed", invert=True
            ),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=alphabet, end_of_word_suffix="</w>", show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    merges = [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in model["merges"]]
    characters = sorted(alphabet)
    tokens = characters + [c + "</w>" for c in characters]
    kept = []
    known = set(tokens)
    for left, right in merges:
        if left in known and right in known and len(tokens) < size - 2:
            kept.append((left, right))
            if left + right not in known:
                tokens.append(left + right)
                known.add(left + right)
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    return {token: index for index, token in enumerate(tokens)}, kept


def randomise(module: torch.nn.Module, seed: int, gain: float = 1.0):
    """Default initialisation with every bias, norm and zero layer made non-trivial."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in module.named_parameters():
        with torch.no_grad():
            if parameter.dim() >= 2:
                fan = parameter[0].numel()
                if "embedding" in name and "time" not in name and "add" not in name:
                    parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.5)
                else:
                    parameter.copy_(
                        torch.randn(parameter.shape, generator=generator) * gain / fan**0.5
                    )
            elif "norm" in name and name.endswith("weight"):
                parameter.copy_(1 + 0.1 * torch.randn(parameter.shape, generator=generator))
            else:
                parameter.copy_(0.1 * torch.randn(parameter.shape, generator=generator))


SDXL_SCHEDULER = dict(
    beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000,
    prediction_type="epsilon", timestep_spacing="leading", steps_offset=1,
)


# Keys for other solvers that the published SDXL repositories have beside Euler's own.
PUBLISHED_SCHEDULER = dict(
    clip_sample=False, sample_max_value=1.0, set_alpha_to_one=False, skip_prk_steps=True
)


def text_config(vocab, merges, *, hidden, layers, heads, act, projection, eos=None):
    return CLIPTextConfig(
        vocab_size=len(vocab), hidden_size=hidden, intermediate_size=hidden * 2,
        num_hidden_layers=layers, num_attention_heads=heads, hidden_act=act,
        projection_dim=projection, max_position_embeddings=77,
        bos_token_id=vocab["<|startoftext|>"],
        eos_token_id=2 if eos is None else vocab["<|endoftext|>"], pad_token_id=1,
    )


def build(name: str, spec: dict, folder: Path):
    """Builds the pipeline that `spec` describes and saves it."""
    vocab, merges = vocabulary(spec["vocabulary"])
    tokenizer = CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=77)
    tokenizer_2 = CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=77, pad_token="!")
    text1, text2 = dict(spec["text1"]), dict(spec["text2"])
    encoder = CLIPTextModel(text_config(vocab, merges, **text1)).eval()
    encoder_2 = CLIPTextModelWithProjection(text_config(vocab, merges, **text2)).eval()
    unet = UNet2DConditionModel(
        cross_attention_dim=text1["hidden"] + text2["hidden"], addition_embed_type="text_time",
        projection_class_embeddings_input_dim=6 * spec["unet"]["addition_time_embed_dim"]
        + text2["projection"],
        **spec["unet"],
    ).eval()
    vae = AutoencoderKL(**spec["vae"]).eval()
    for index, (module, gain) in enumerate(
        [(encoder, 1.0), (encoder_2, 1.0), (unet, spec.get("gain", 1.0)), (vae, 1.0)]
    ):
        randomise(module, spec["seed"] * 10 + index, gain)
        module.half()
    pipeline = StableDiffusionXLPipeline(
        vae=vae, text_encoder=encoder, text_encoder_2=encoder_2, tokenizer=tokenizer,
        tokenizer_2=tokenizer_2, unet=unet,
        scheduler=EulerDiscreteScheduler(**{**SDXL_SCHEDULER, **spec.get("scheduler", {})}),
        force_zeros_for_empty_prompt=spec.get("force_zeros", True), add_watermarker=False,
    )
    shutil.rmtree(folder, ignore_errors=True)
    pipeline.save_pretrained(
        folder, variant=spec.get("variant"), max_shard_size=spec.get("shard", "10GB")
    )
    if "published_scheduler" in spec:
        file = folder / "scheduler" / "scheduler_config.json"
        config = {**json.loads(file.read_text()), **PUBLISHED_SCHEDULER}
        file.write_text(json.dumps(config, indent=2) + "\n")
    if spec.get("old_tokenizer"):
        old_tokenizer_files(folder, vocab, merges)
    if "taesd" in spec:
        tiny = AutoencoderTiny(**spec["taesd"]).eval()
        randomise(tiny, spec["seed"] * 10 + 9)
        tiny.half().save_pretrained(folder / "taesd")
    if spec.get("prefix"):
        prefix_text_encoders(folder, spec.get("variant"))


def old_tokenizer_files(folder: Path, vocab, merges):
    """Replaces tokenizer.json by the vocab.json and merges.txt that transformers 4 wrote."""
    for name, pad in (("tokenizer", "<|endoftext|>"), ("tokenizer_2", "!")):
        target = folder / name
        for file in target.iterdir():
            file.unlink()
        (target / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False))
        lines = ["#version: 0.2"] + [" ".join(pair) for pair in merges]
        (target / "merges.txt").write_text("\n".join(lines) + "\n")
        special = dict(
            bos_token="<|startoftext|>", eos_token="<|endoftext|>", unk_token="<|endoftext|>",
            pad_token=pad,
        )
        (target / "special_tokens_map.json").write_text(json.dumps(special))
        (target / "tokenizer_config.json").write_text(
            json.dumps(
                {**special, "model_max_length": 77, "do_lower_case": True,
                 "tokenizer_class": "CLIPTokenizer"}
            )
        )


def prefix_text_encoders(folder: Path, variant):
    """Gives the encoders' tensors the `text_model.` prefix that published repositories have."""
    from safetensors.torch import load_file, save_file

    for name in ("text_encoder", "text_encoder_2"):
        file = folder / name / ("model.safetensors" if not variant else f"model.{variant}.safetensors")
        tensors = load_file(file)
        renamed = {
            key if key.startswith(("text_model.", "text_projection")) else "text_model." + key: value
            for key, value in tensors.items()
        }
        renamed["text_model.embeddings.position_ids"] = torch.arange(77)[None]
        save_file(renamed, file, metadata={"format": "pt"})


SPECS = {
    # transformers-5 folder: no prefix, tokenizer.json only.
    "three-levels": dict(
        seed=1, published_scheduler=True, vocabulary=560,
        text1=dict(hidden=16, layers=3, heads=2, act="quick_gelu", projection=16),
        text2=dict(hidden=24, layers=4, heads=3, act="gelu", projection=20, eos=True),
        unet=dict(
            sample_size=8, block_out_channels=(8, 8, 16), layers_per_block=1, norm_num_groups=4,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            attention_head_dim=(1, 2, 4), transformer_layers_per_block=(1, 1, 2),
            use_linear_projection=True, addition_time_embed_dim=8,
        ),
        vae=dict(
            block_out_channels=(8, 8, 16, 16), layers_per_block=1, norm_num_groups=4,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
            latent_channels=4, scaling_factor=0.13025, sample_size=64,
        ),
    ),
    # Attention on the finest level, convolutions as projections, fp16 variant in shards, prefix.
    "conv-projection": dict(
        seed=2, vocabulary=540, variant="fp16", shard="60KB", prefix=True, old_tokenizer=True,
        text1=dict(hidden=16, layers=2, heads=4, act="quick_gelu", projection=16),
        text2=dict(hidden=16, layers=3, heads=2, act="gelu", projection=16),
        unet=dict(
            sample_size=16, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=8,
            down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
            attention_head_dim=2, transformer_layers_per_block=1, use_linear_projection=False,
            addition_time_embed_dim=4,
        ),
        vae=dict(
            block_out_channels=(8, 8, 8, 16), layers_per_block=2, norm_num_groups=8,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
            latent_channels=4, scaling_factor=0.5, use_quant_conv=False, use_post_quant_conv=False,
            mid_block_add_attention=False,
            latents_mean=(0.1, -0.2, 0.3, 0.05), latents_std=(0.9, 1.1, 0.7, 1.3),
        ),
        force_zeros=False,
        taesd=dict(
            encoder_block_out_channels=(4, 4, 4, 4), decoder_block_out_channels=(4, 4, 4, 4),
            num_encoder_blocks=(1, 1, 1, 1), num_decoder_blocks=(2, 1, 1, 1),
        ),
    ),
    # The layout of distilled networks: depths per ResNet block, plain middle, v-prediction with
    # zero terminal SNR, trailing timesteps.
    "distilled": dict(
        seed=3, vocabulary=540, prefix=True,
        text1=dict(hidden=16, layers=2, heads=2, act="quick_gelu", projection=16),
        text2=dict(hidden=16, layers=2, heads=2, act="gelu", projection=24),
        unet=dict(
            sample_size=8, block_out_channels=(8, 16), layers_per_block=(1, 2), norm_num_groups=4,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), mid_block_type="UNetMidBlock2D",
            attention_head_dim=(2, 4), transformer_layers_per_block=((1,), (2, 1)),
            reverse_transformer_layers_per_block=((1, 2, 1), (1, 1)),
            use_linear_projection=True, addition_time_embed_dim=8, flip_sin_to_cos=True,
        ),
        vae=dict(
            block_out_channels=(4, 8, 8, 8), layers_per_block=1, norm_num_groups=4,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
            latent_channels=4, scaling_factor=0.13025,
        ),
        scheduler=dict(
            prediction_type="v_prediction", rescale_betas_zero_snr=True,
            timestep_spacing="trailing",
        ),
    ),
}


def main():
    torch.set_num_threads(1)
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else MODELS
    for name, spec in SPECS.items():
        build(name, spec, target / name)
        size = sum(f.stat().st_size for f in (target / name).rglob("*") if f.is_file())
        print(f"{name}: {size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
