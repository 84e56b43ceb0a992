import Foundation
import Generation
import Testing

@testable import Images

/// Pictures as other tools write them: the texts are in the form of each tool's own source.
@Suite struct ForeignMetadataTests {
    private func read(_ texts: (String, String)...) throws -> PictureMetadata {
        try PictureMetadata.read(from: SamplePictures.png(texts))
    }

    @Test func a1111WithEveryUsualField() throws {
        let metadata = try read(
            (
                "parameters",
                """
                photo of (a cat:1.3), <lora:ink-wash:0.7>
                on two lines
                Negative prompt: blurry, (worst quality:1.4)
                second negative line
                Steps: 25, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 3747281938, \
                Size: 832x1216, Model hash: 31e35c80fc, Model: sd_xl_base_1.0, VAE hash: 235745af8d, \
                VAE: sdxl_vae.safetensors, Variation seed: 5, Variation seed strength: 0.3, \
                Denoising strength: 0.4, Clip skip: 2, ENSD: 31337, RNG: CPU, \
                Lora hashes: "ink-wash: 0a1b2c3d4e5f", TI hashes: "easyneg: c74b4e810b03", \
                Hires upscale: 1.5, Hires upscaler: Latent, Version: v1.10.1
                """
            ))
        let request = try #require(metadata.request)
        #expect(metadata.tool == .a1111)
        #expect(metadata.toolVersion == "v1.10.1")
        #expect(request.prompt == "photo of (a cat:1.3), <lora:ink-wash:0.7>\non two lines")
        #expect(request.negativePrompt == "blurry, (worst quality:1.4)\nsecond negative line")
        #expect((request.steps, request.guidanceScale) == (25, 7))
        #expect((request.sampler, request.schedule) == (.dpmpp2m, .karras))
        #expect(request.seeds == [3_747_281_938])
        #expect((request.width, request.height) == (832, 1216))
        #expect((request.model, request.vae) == ("sd_xl_base_1.0", "sdxl_vae.safetensors"))
        #expect((request.variationSeed, request.variationStrength) == (5, 0.3))
        #expect(request.hires == HiresPass(scale: 1.5, strength: 0.4))
        #expect((request.noiseSource, request.clipSkip) == (.torch, 2))
        #expect(request.promptWeighting == .a1111)
        #expect(
            metadata.hashes == [
                "model": "31e35c80fc", "vae": "235745af8d", "lora:ink-wash": "0a1b2c3d4e5f",
                "embedding:easyneg": "c74b4e810b03",
            ])
        #expect(metadata.warnings.contains { $0.contains("ENSD") })
    }

    @Test func aMissingNoiseSourceMeansAGraphicsCard() throws {
        let metadata = try read(
            ("parameters", "cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64"))
        #expect(metadata.request?.noiseSource == .philox)
        #expect(metadata.request?.negativePrompt == nil)
        #expect(metadata.warnings.contains { $0.contains("noise source") })
    }

    @Test func forgeAndCivitaiAreRecognised() throws {
        let metadata = try read(
            (
                "parameters",
                """
                cat
                Steps: 4, Sampler: Euler, Schedule type: SGM Uniform, CFG scale: 1, Seed: 9, \
                Size: 64x64, Model: turbo, RNG: NV, Emphasis: No norm, Version: f2.0.1v1.10.1, \
                Hashes: {"model": "abcdef0123", "lora:x": "0123456789", "embed:y": "99"}, \
                Civitai resources: [{"type":"checkpoint","modelVersionId":789}]
                """
            ))
        #expect(metadata.tool == .forge)
        #expect(metadata.request?.schedule == .sgmUniform)
        #expect(metadata.request?.noiseSource == .philox)
        #expect(
            metadata.hashes == [
                "model": "abcdef0123", "lora:x": "0123456789", "embedding:y": "99",
            ])
        #expect(metadata.warnings.contains { $0.contains("normalisation") })
    }

    @Test(arguments: [
        "just a prompt", "a prompt, with: colon\nand: two", "", "Steps: 20", "\n\n",
        "Negative prompt: only",
    ])
    func aTextWithoutParametersIsNoRequest(text: String) throws {
        #expect(try read(("parameters", text)).request == nil)
    }

    @Test func stableDiffusionCppIsReadFromItsJSON() throws {
        let metadata = try read(
            (
                "parameters",
                """
                ignored
                Negative prompt: ignored
                Steps: 1, CFG scale: 99.000000, Seed: 1, Size: 64x64, Model: m.safetensors, \
                RNG: cuda, Sampler: euler discrete, Version: stable-diffusion.cpp, \
                SDCPP: {"schema":"sdcpp.image.params/v1","mode":"img_gen","generator":{"name":\
                "stable-diffusion.cpp","version":"master-1","commit":"abc"},"seed":1375127038,\
                "width":1024,"height":768,"prompt":{"positive":"A field, wide","negative":"sky"},\
                "sampling":{"steps":30,"eta":0,"method":"dpm++2mv2","scheduler":"karras",\
                "guidance":{"txt_cfg":5,"img_cfg":5}},"models":{"model":"xl.safetensors",\
                "vae":"vae.safetensors"},"clip_skip":2,"rng":"cuda","sampler_rng":"cpu",\
                "loras":[{"name":"ink","multiplier":0.5}]}
                """
            ))
        let request = try #require(metadata.request)
        #expect(metadata.tool == .stableDiffusionCpp)
        #expect((request.prompt, request.negativePrompt) == ("A field, wide", "sky"))
        #expect((request.sampler, request.schedule) == (.dpmpp2m, .karras))
        #expect((request.steps, request.guidanceScale) == (30, 5))
        #expect(request.seeds == [1_375_127_038])
        #expect((request.width, request.height) == (1024, 768))
        #expect((request.model, request.vae) == ("xl.safetensors", "vae.safetensors"))
        #expect(request.loras == [LoRAReference(name: "ink", weight: 0.5)])
        #expect(request.noiseSource == .philox)
        #expect(metadata.warnings.contains { $0.contains("another source") })
    }

    @Test func anOlderStableDiffusionCppIsReadFromItsText() throws {
        let metadata = try read(
            (
                "parameters",
                """
                a cat
                Steps: 20, CFG scale: 7.000000, Guidance: 3.500000, Seed: 42, Size: 512x512, \
                Model: m.safetensors, RNG: cpu, Sampler: euler_a karras, \
                Version: stable-diffusion.cpp
                """
            ))
        #expect(metadata.tool == .stableDiffusionCpp)
        #expect(metadata.request?.sampler == .eulerAncestral)
        #expect(metadata.request?.schedule == .karras)
        #expect(metadata.request?.noiseSource == .torch)
        #expect(metadata.request?.guidanceScale == 7)
    }

    @Test func fooocusInItsOwnScheme() throws {
        let metadata = try read(
            (
                "parameters",
                #"""
                {"adm_guidance": "(1.5, 0.8, 0.3)", "base_model": "juggernautXL", \#
                "base_model_hash": "aeb7e9e689", "full_negative_prompt": ["bad", "ugly"], \#
                "full_prompt": ["cinematic still fox", "detailed"], "guidance_scale": 4, \#
                "lora_combined_1": "offset : 0.1", "metadata_scheme": "fooocus", \#
                "negative_prompt": "bad", "prompt": "fox", "refiner_model": "None", \#
                "resolution": "(1152, 896)", "sampler": "dpmpp_2m_sde_gpu", "scheduler": "karras", \#
                "seed": "123456789012", "sharpness": 2, "steps": 30, "styles": "['Fooocus V2']", \#
                "vae": "Default (model)", "version": "Fooocus v2.5.5"}
                """#
            ), ("fooocus_scheme", "fooocus"))
        let request = try #require(metadata.request)
        #expect(metadata.tool == .fooocus)
        #expect((request.prompt, request.negativePrompt) == ("fox", "bad"))
        #expect(
            request.expansion
                == PromptExpansion(
                    prompt: "cinematic still fox, detailed", negativePrompt: "bad, ugly"))
        #expect((request.width, request.height) == (1152, 896))
        #expect((request.sampler, request.schedule) == (.dpmpp2mSDE, .karras))
        #expect(request.seeds == [123_456_789_012])
        #expect(request.loras == [LoRAReference(name: "offset", weight: 0.1)])
        #expect((request.noiseSource, request.vae) == (.torch, nil))
        #expect(metadata.hashes["model"] == "aeb7e9e689")
        #expect(metadata.warnings.contains { $0.contains("sharpness") })
    }

    @Test func fooocusInA1111sScheme() throws {
        let metadata = try read(
            (
                "parameters",
                """
                cinematic still fox, detailed
                Negative prompt: bad, ugly
                Steps: 30, Sampler: DPM++ 2M SDE, Seed: 7, Size: 1152x896, CFG scale: 4, \
                Sharpness: 2, ADM Guidance: "(1.5, 0.8, 0.3)", Model: juggernautXL, \
                Model hash: aeb7e9e689, Performance: Speed, Schedule type: karras, \
                Raw prompt: fox, Raw negative prompt: bad, Styles: "['Fooocus V2']", \
                Lora hashes: "offset: 4852686128", Lora weights: "offset: 0.1", \
                Version: Fooocus v2.5.5
                """
            ), ("fooocus_scheme", "a1111"))
        let request = try #require(metadata.request)
        #expect(metadata.tool == .fooocus)
        #expect((request.prompt, request.negativePrompt) == ("fox", "bad"))
        #expect(request.expansion?.prompt == "cinematic still fox, detailed")
        #expect(request.loras == [LoRAReference(name: "offset", weight: 0.1)])
        #expect(request.noiseSource == .torch)
        #expect(request.schedule == .karras)
        #expect(metadata.hashes["lora:offset"] == "4852686128")
    }

    @Test func swarmUI() throws {
        let metadata = try read(
            (
                "parameters",
                """
                {"sui_image_params": {"prompt": "a fox in snow", "negativeprompt": "blurry",
                "model": "base/sd_xl_base_1.0", "seed": "18446744073709551615", "steps": "20",
                "cfgscale": 7.5, "width": 1024, "height": 832, "sampler": "euler_ancestral",
                "scheduler": "karras", "loras": ["ink"], "loraweights": ["0.6"],
                "variationseed": 4, "variationseedstrength": "0.1", "swarm_version": "0.9.6"},
                "sui_extra_data": {"date": "2026-01-01", "original_prompt": "a <random:fox,dog>"},
                "sui_models": [{"name": "x", "param": "model", "hash": "0x31e35c80"}]}
                """
            ))
        let request = try #require(metadata.request)
        #expect(metadata.tool == .swarmUI)
        #expect(request.prompt == "a <random:fox,dog>")
        #expect(request.effectivePrompt == "a fox in snow")
        #expect(request.effectiveNegativePrompt == "blurry")
        #expect(request.seeds == [.max])
        #expect((request.steps, request.guidanceScale) == (20, 7.5))
        #expect((request.sampler, request.schedule) == (.eulerAncestral, .karras))
        #expect(request.promptWeighting == .comfy)
        #expect(request.loras == [LoRAReference(name: "ink", weight: 0.6)])
        #expect((request.variationSeed, request.variationStrength) == (4, 0.1))
        #expect(metadata.hashes["model"] == "31e35c80")
        #expect(metadata.warnings.contains { $0.contains("device") })
    }

    @Test func invokeAI() throws {
        let metadata = try read(
            (
                "invokeai_metadata",
                """
                {"generation_mode": "sdxl_txt2img", "positive_prompt": "a fox++",
                "negative_prompt": "", "positive_style_prompt": "ink", "width": 896,
                "height": 1152, "seed": 12, "rand_device": "cpu", "cfg_scale": 5.5,
                "cfg_rescale_multiplier": 0.2, "steps": 28, "scheduler": "dpmpp_2m_k",
                "seamless_x": true, "model": {"key": "k", "hash": "blake3:ab", "name": "XL"},
                "loras": [{"model": {"name": "ink"}, "weight": 0.75}], "controlnets": [],
                "refiner_start": 0.8, "app_version": "5.6.0"}
                """
            ))
        let request = try #require(metadata.request)
        #expect(metadata.tool == .invokeAI)
        #expect((request.sampler, request.schedule) == (.dpmpp2m, .karras))
        #expect((request.prompt2, request.negativePrompt) == ("ink", nil))
        #expect((request.guidanceScale, request.guidanceRescale) == (5.5, 0.2))
        #expect((request.model, request.tiling) == ("XL", .x))
        #expect(request.loras == [LoRAReference(name: "ink", weight: 0.75)])
        #expect(metadata.warnings.contains { $0.contains("word+") })
    }

    @Test func legacyInvokeAI() throws {
        let metadata = try read(
            (
                "sd-metadata",
                """
                {"model_weights": "stable-diffusion", "model_hash": "cc6cb2", "app_version": "2.3",
                "image": {"prompt": [{"prompt": "a fox", "weight": 1}], "steps": 50,
                "cfg_scale": 7.5, "seed": 3, "width": 512, "height": 512, "sampler": "k_euler_a"}}
                """
            ))
        #expect(metadata.request?.prompt == "a fox")
        #expect(metadata.request?.sampler == .eulerAncestral)
        #expect(metadata.hashes["model"] == "cc6cb2")
    }

    @Test func drawThings() throws {
        let metadata = try read(
            (
                "Comment",
                """
                {"c": "a fox", "uc": "blurry", "steps": 8, "sampler": "DPM++ SDE Karras",
                "scale": 2, "seed": 424242, "size": "1024x768", "strength": 1,
                "model": "sdxl_base_f16.ckpt", "lora": [{"model": "lcm.ckpt", "weight": 1}],
                "v2": {"seedMode": 3, "clipSkip": 1}}
                """
            ), ("Software", "Draw Things"))
        let request = try #require(metadata.request)
        #expect(metadata.tool == .drawThings)
        #expect((request.sampler, request.schedule) == (.dpmppSDE, .karras))
        #expect((request.width, request.height) == (1024, 768))
        #expect((request.noiseSource, request.clipSkip) == (.philox, 2))
        #expect(request.loras == [LoRAReference(name: "lcm.ckpt", weight: 1)])
        #expect(metadata.warnings.isEmpty)
    }

    @Test func novelAI() throws {
        let metadata = try read(
            ("Software", "NovelAI"), ("Source", "Stable Diffusion XL C1E1DE52"),
            ("Description", "1girl"),
            (
                "Comment",
                """
                {"prompt": "{{1girl}}", "steps": 28, "height": 1216, "width": 832, "scale": 5.0,
                "cfg_rescale": 0.1, "seed": 99, "sampler": "k_euler_ancestral",
                "noise_schedule": "karras", "uc": "lowres"}
                """
            ))
        #expect(metadata.tool == .novelAI)
        #expect(metadata.request?.sampler == .eulerAncestral)
        #expect(metadata.request?.schedule == .karras)
        #expect(metadata.request?.negativePrompt == "lowres")
        #expect(metadata.warnings.count == 2)
    }

    @Test func theSizeOfTheFileCountsWhenTheTextHasNone() throws {
        let metadata = try read(
            ("parameters", "cat\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 1, RNG: CPU"))
        #expect((metadata.request?.width, metadata.request?.height) == (64, 64))
    }

    @Test func warningsAreSafeForATerminal() throws {
        let metadata = try read(
            (
                "parameters",
                "cat\nSteps: 20, Sampler: \u{1b}[31mEvil\u{7}, CFG scale: 7, Seed: 1, RNG: CPU"
            ))
        #expect(metadata.warnings.count == 1)
        #expect(metadata.warnings.allSatisfy { !$0.contains("\u{1b}") && !$0.contains("\u{7}") })
    }
}
