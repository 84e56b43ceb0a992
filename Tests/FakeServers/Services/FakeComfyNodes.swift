/// The nodes of the fake ComfyUI, as `object_info` describes them.
struct FakeComfyNode: Sendable {
    /// What an input takes.
    enum Input: Sendable {
        case link(String)
        case text
        case integer(ClosedRange<Int>)
        /// 0 to 2^64-1.
        case seed
        case number(ClosedRange<Double>)
        case choice([String])
        /// The name of an uploaded picture.
        case upload
    }

    let inputs: [String: Input]
    let outputs: [String]
    var isOutput = false

    static let samplers = ["euler", "euler_ancestral", "dpmpp_2m", "uni_pc", "ddim", "lcm"]
    static let schedulers = ["normal", "karras", "exponential", "sgm_uniform", "simple", "beta"]
    static let checkpoints = ["sdxl/base.safetensors", "refiner.safetensors"]

    private static let sampling: [String: Input] = [
        "model": .link("MODEL"), "steps": .integer(1...10000), "cfg": .number(0...100),
        "sampler_name": .choice(samplers), "scheduler": .choice(schedulers),
        "positive": .link("CONDITIONING"), "negative": .link("CONDITIONING"),
        "latent_image": .link("LATENT"),
    ]

    private static let clipAndText: [String: Input] = ["clip": .link("CLIP"), "text": .text]
    private static let side = Input.integer(16...16384)

    static let all: [String: FakeComfyNode] = [
        "CheckpointLoaderSimple": .init(
            inputs: ["ckpt_name": .choice(checkpoints)], outputs: ["MODEL", "CLIP", "VAE"]),
        "VAELoader": .init(
            inputs: ["vae_name": .choice(["sdxl_vae.safetensors"])], outputs: ["VAE"]),
        "LoraLoader": .init(
            inputs: [
                "model": .link("MODEL"), "clip": .link("CLIP"),
                "lora_name": .choice(["art/pixel.safetensors", "detail.safetensors"]),
                "strength_model": .number(-100...100), "strength_clip": .number(-100...100),
            ], outputs: ["MODEL", "CLIP"]),
        "CLIPSetLastLayer": .init(
            inputs: ["clip": .link("CLIP"), "stop_at_clip_layer": .integer(-24 ... -1)],
            outputs: ["CLIP"]),
        "CLIPTextEncode": .init(inputs: clipAndText, outputs: ["CONDITIONING"]),
        "CLIPTextEncodeSDXL": .init(
            inputs: [
                "clip": .link("CLIP"), "width": side, "height": side, "crop_w": .integer(0...16384),
                "crop_h": .integer(0...16384), "target_width": side, "target_height": side,
                "text_g": .text, "text_l": .text,
            ], outputs: ["CONDITIONING"]),
        "CLIPTextEncodeSDXLRefiner": .init(
            inputs: clipAndText.merging([
                "ascore": .number(0...1000), "width": side, "height": side,
            ]) { $1 }, outputs: ["CONDITIONING"]),
        "EmptyLatentImage": .init(
            inputs: ["width": side, "height": side, "batch_size": .integer(1...4096)],
            outputs: ["LATENT"]),
        "KSampler": .init(
            inputs: sampling.merging(["seed": .seed, "denoise": .number(0...1)]) { $1 },
            outputs: ["LATENT"]),
        "KSamplerAdvanced": .init(
            inputs: sampling.merging([
                "noise_seed": .seed, "add_noise": .choice(["enable", "disable"]),
                "start_at_step": .integer(0...10000), "end_at_step": .integer(0...10000),
                "return_with_leftover_noise": .choice(["disable", "enable"]),
            ]) { $1 }, outputs: ["LATENT"]),
        "VAEDecode": .init(
            inputs: ["samples": .link("LATENT"), "vae": .link("VAE")], outputs: ["IMAGE"]),
        "VAEEncode": .init(
            inputs: ["pixels": .link("IMAGE"), "vae": .link("VAE")], outputs: ["LATENT"]),
        "VAEEncodeForInpaint": .init(
            inputs: [
                "pixels": .link("IMAGE"), "vae": .link("VAE"), "mask": .link("MASK"),
                "grow_mask_by": .integer(0...64),
            ], outputs: ["LATENT"]),
        "SetLatentNoiseMask": .init(
            inputs: ["samples": .link("LATENT"), "mask": .link("MASK")], outputs: ["LATENT"]),
        "LatentUpscaleBy": .init(
            inputs: [
                "samples": .link("LATENT"), "scale_by": .number(0.01...8),
                "upscale_method": .choice(["nearest-exact", "bilinear", "area", "bicubic"]),
            ], outputs: ["LATENT"]),
        "LoadImage": .init(inputs: ["image": .upload], outputs: ["IMAGE", "MASK"]),
        "LoadImageMask": .init(
            inputs: ["image": .upload, "channel": .choice(["alpha", "red", "green", "blue"])],
            outputs: ["MASK"]),
        "ImageScale": .init(
            inputs: [
                "image": .link("IMAGE"), "width": .integer(0...16384),
                "height": .integer(0...16384),
                "upscale_method": .choice(["nearest-exact", "bilinear", "area", "lanczos"]),
                "crop": .choice(["disabled", "center"]),
            ], outputs: ["IMAGE"]),
        "ImagePadForOutpaint": .init(
            inputs: [
                "image": .link("IMAGE"), "left": .integer(0...16384), "top": .integer(0...16384),
                "right": .integer(0...16384), "bottom": .integer(0...16384),
                "feathering": .integer(0...16384),
            ], outputs: ["IMAGE", "MASK"]),
        "RescaleCFG": .init(
            inputs: ["model": .link("MODEL"), "multiplier": .number(0...1)], outputs: ["MODEL"]),
        "ControlNetLoader": .init(
            inputs: ["control_net_name": .choice(["canny.safetensors"])], outputs: ["CONTROL_NET"]),
        "ControlNetApplyAdvanced": .init(
            inputs: [
                "positive": .link("CONDITIONING"), "negative": .link("CONDITIONING"),
                "control_net": .link("CONTROL_NET"), "image": .link("IMAGE"),
                "strength": .number(0...10), "start_percent": .number(0...1),
                "end_percent": .number(0...1),
            ], outputs: ["CONDITIONING", "CONDITIONING"]),
        "Canny": .init(
            inputs: [
                "image": .link("IMAGE"), "low_threshold": .number(0.01...0.99),
                "high_threshold": .number(0.01...0.99),
            ], outputs: ["IMAGE"]),
        "SaveImage": .init(
            inputs: ["images": .link("IMAGE"), "filename_prefix": .text], outputs: [],
            isOutput: true),
        "PreviewImage": .init(inputs: ["images": .link("IMAGE")], outputs: [], isOutput: true),
    ]

    /// As `object_info` has it; half of the lists in the newer form.
    var description: WireJSON {
        .object(
            inputs.sorted { $0.key < $1.key }.map { name, input in
                let value: WireJSON =
                    switch input {
                    case .link(let type): [.string(type)]
                    case .text: ["STRING", ["multiline": true]]
                    case .integer(let range): ["INT", ["min": .integer(range.lowerBound)]]
                    case .seed: ["INT", ["min": 0, "max": .number("18446744073709551615")]]
                    case .number: ["FLOAT", [:]]
                    case .choice(let names) where name == "scheduler":
                        ["COMBO", ["options": .array(names.map { .string($0) })]]
                    case .choice(let names): [.array(names.map { .string($0) }), [:]]
                    case .upload: [["example.png"], ["image_upload": true]]
                    }
                return WireJSON.Member(key: name, value: value)
            })
    }
}
