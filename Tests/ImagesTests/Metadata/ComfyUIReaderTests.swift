import Foundation
import Generation
import Testing

@testable import Images

@Suite struct ComfyUIReaderTests {
    private func read(_ graph: String) throws -> PictureMetadata {
        try PictureMetadata.read(from: SamplePictures.png([("prompt", graph)]))
    }

    @Test func theDefaultGraphWithALoRA() throws {
        let metadata = try read(
            """
            {"3": {"class_type": "KSampler", "inputs": {"seed": 156680208700286, "steps": 20,
              "cfg": 8.0, "sampler_name": "dpmpp_2m", "scheduler": "karras", "denoise": 1,
              "model": ["10", 0], "positive": ["6", 0], "negative": ["7", 0],
              "latent_image": ["5", 0]}},
             "4": {"class_type": "CheckpointLoaderSimple",
              "inputs": {"ckpt_name": "sd_xl_base_1.0.safetensors"}, "is_changed": [NaN]},
             "5": {"class_type": "EmptyLatentImage",
              "inputs": {"width": 1152, "height": 896, "batch_size": 1}},
             "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["20", 0], "clip": ["11", 0]}},
             "7": {"class_type": "CLIPTextEncode",
              "inputs": {"text": "text, watermark", "clip": ["11", 0]}},
             "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["12", 0]}},
             "9": {"class_type": "SaveImage",
              "inputs": {"filename_prefix": "ComfyUI", "images": ["8", 0]}},
             "10": {"class_type": "LoraLoader", "inputs": {"lora_name": "ink.safetensors",
              "strength_model": 0.7, "strength_clip": 1, "model": ["4", 0], "clip": ["4", 1]}},
             "11": {"class_type": "CLIPSetLastLayer",
              "inputs": {"stop_at_clip_layer": -3, "clip": ["10", 1]}},
             "12": {"class_type": "VAELoader", "inputs": {"vae_name": "fix.safetensors"}},
             "20": {"class_type": "PrimitiveString", "inputs": {"value": "a (fox:1.2)"}}}
            """)
        let request = try #require(metadata.request)
        #expect(metadata.tool == .comfyUI)
        #expect((request.prompt, request.negativePrompt) == ("a (fox:1.2)", "text, watermark"))
        #expect(request.seeds == [156_680_208_700_286])
        #expect((request.steps, request.guidanceScale) == (20, 8))
        #expect((request.sampler, request.schedule) == (.dpmpp2m, .karras))
        #expect((request.width, request.height) == (1152, 896))
        #expect(request.model == "sd_xl_base_1.0.safetensors")
        #expect(request.vae == "fix.safetensors")
        #expect(request.loras == [LoRAReference(name: "ink.safetensors", weight: 0.7)])
        #expect((request.promptWeighting, request.noiseSource) == (.comfy, .torch))
        #expect(request.clipSkip == 3)
        #expect(metadata.warnings.isEmpty)
    }

    @Test func aCustomSamplerWithBothEncoders() throws {
        let metadata = try read(
            """
            {"1": {"class_type": "SamplerCustomAdvanced", "inputs": {"noise": ["2", 0],
              "guider": ["3", 0], "sampler": ["4", 0], "sigmas": ["5", 0],
              "latent_image": ["6", 0]}},
             "2": {"class_type": "RandomNoise", "inputs": {"noise_seed": 77}},
             "3": {"class_type": "CFGGuider", "inputs": {"cfg": 4.5, "model": ["7", 0],
              "positive": ["8", 0], "negative": ["9", 0]}},
             "4": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "euler_ancestral"}},
             "5": {"class_type": "KarrasScheduler", "inputs": {"steps": 12, "sigma_max": 14.6}},
             "6": {"class_type": "EmptyLatentImage",
              "inputs": {"width": 1024, "height": 1024, "batch_size": 4}},
             "7": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "xl"}},
             "8": {"class_type": "CLIPTextEncodeSDXL", "inputs": {"text_g": "the whole",
              "text_l": "details", "clip": ["7", 1]}},
             "9": {"class_type": "ConditioningZeroOut", "inputs": {"conditioning": ["8", 0]}},
             "10": {"class_type": "VAEDecode", "inputs": {"samples": ["1", 0], "vae": ["7", 2]}},
             "11": {"class_type": "SaveImage", "inputs": {"images": ["10", 0]}}}
            """)
        let request = try #require(metadata.request)
        #expect((request.prompt, request.prompt2) == ("details", "the whole"))
        #expect(request.negativePrompt == nil)
        #expect(request.seeds == [77])
        #expect((request.steps, request.guidanceScale) == (12, 4.5))
        #expect((request.sampler, request.schedule) == (.eulerAncestral, .karras))
        #expect(metadata.warnings.contains { $0.contains("batch of 4") })
        #expect(metadata.warnings.contains { $0.contains("device") })
    }

    @Test func aRefinerIsTheSecondOfTwoSamplers() throws {
        let metadata = try read(
            """
            {"1": {"class_type": "KSamplerAdvanced", "inputs": {"add_noise": "enable",
              "noise_seed": 5, "steps": 25, "cfg": 6, "sampler_name": "euler",
              "scheduler": "normal", "start_at_step": 0, "end_at_step": 20, "model": ["3", 0],
              "positive": ["5", 0], "negative": ["6", 0], "latent_image": ["7", 0]}},
             "2": {"class_type": "KSamplerAdvanced", "inputs": {"add_noise": "disable",
              "noise_seed": 0, "steps": 25, "cfg": 6, "sampler_name": "euler",
              "scheduler": "normal", "start_at_step": 20, "end_at_step": 10000,
              "model": ["4", 0], "positive": ["5", 0], "negative": ["6", 0],
              "latent_image": ["1", 0]}},
             "3": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "base"}},
             "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "refiner"}},
             "5": {"class_type": "CLIPTextEncode", "inputs": {"text": "a", "clip": ["3", 1]}},
             "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "b", "clip": ["3", 1]}},
             "7": {"class_type": "EmptyLatentImage",
              "inputs": {"width": 1024, "height": 1024, "batch_size": 1}},
             "8": {"class_type": "VAEDecode", "inputs": {"samples": ["2", 0], "vae": ["4", 2]}},
             "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0]}}}
            """)
        let request = try #require(metadata.request)
        #expect((request.model, request.refiner) == ("base", "refiner"))
        #expect(request.highNoiseFraction == 0.8)
        #expect(request.seeds == [5])
        #expect(request.hires == nil)
    }

    @Test func aCircleEndsAndAForeignGraphIsNotUnderstood() throws {
        let circle = """
            {"1": {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 2, "cfg": 1,
              "positive": ["2", 0], "model": ["1", 0], "latent_image": ["1", 0]}},
             "2": {"class_type": "ConditioningCombine", "inputs": {"conditioning_1": ["2", 0]}}}
            """
        #expect(try read(circle).request?.seeds == [1])
        #expect(try read(#"{"1": {"class_type": "Nothing", "inputs": {}}}"#).request == nil)
        #expect(try read("[1, 2]").tool == nil)
        let drawing = try PictureMetadata.read(
            from: SamplePictures.png([("workflow", #"{"nodes": []}"#)]))
        #expect(drawing.tool == .comfyUI)
        #expect(drawing.request == nil)
    }
}
