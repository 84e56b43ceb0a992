extension FakeA1111 {
    private static let common: [String: WireType] = [
        "prompt": .string, "negative_prompt": .string, "styles": .list(.string, count: 0...50),
        "seed": .integer(-1...4_294_967_295), "subseed": .integer(-1...4_294_967_295),
        "subseed_strength": .number(0...1), "seed_resize_from_w": .integer(-1...16384),
        "seed_resize_from_h": .integer(-1...16384), "sampler_name": .string,
        "scheduler": .choice([
            "Automatic", "Karras", "SGM Uniform", "Simple", "karras", "sgm_uniform", "discrete",
        ]),
        "steps": .integer(1...1000), "cfg_scale": .number(0...100), "width": .integer(64...16384),
        "height": .integer(64...16384), "batch_size": .integer(1...64), "n_iter": .integer(1...64),
        "override_settings": .object(
            WireObject([
                "sd_model_checkpoint": .filledString, "sd_vae": .filledString,
                "CLIP_stop_at_last_layers": .integer(1...12), "randn_source": .choice(["NV"]),
                "samples_format": .filledString,
            ])),
        "override_settings_restore_afterwards": .boolean, "refiner_checkpoint": .filledString,
        "refiner_switch_at": .number(0...1), "denoising_strength": .number(0...1),
        "tiling": .boolean, "restore_faces": .boolean, "eta": .number(0...1),
        "s_churn": .number(0...100), "s_tmin": .number(0...1000), "s_tmax": .number(0...1000),
        "s_noise": .number(0...10), "send_images": .boolean, "save_images": .boolean,
        "alwayson_scripts": .map(.either([controlNet, .object(WireObject([:]))])),
        "script_name": .filledString,
        "script_args": .list(.anything, count: 0...100), "force_task_id": .filledString,
        // stable-diffusion.cpp's own.
        "lora": .list(
            .object(
                WireObject(
                    required: ["path"],
                    [
                        "path": .choice(["art/pixel.safetensors"]), "multiplier": .number(-10...10),
                        "is_high_noise": .boolean,
                    ])), count: 1...20),
        "clip_skip": .integer(1...12),
    ]

    static let controlModels = [
        "None", "diffusers_xl_canny_full [2b69fca4]", "sai_xl_depth_256lora [73ad23d1]",
    ]
    static let controlModules = ["none", "canny", "depth_midas", "openpose_full"]

    /// `ControlNetUnit` of the extension, which ignores what it does not know.
    private static let controlNet = WireType.object(
        WireObject(
            required: ["args"],
            [
                "args": .list(
                    .object(
                        WireObject(
                            required: ["enabled", "model", "image"],
                            [
                                "enabled": .boolean, "module": .choice(controlModules),
                                "model": .choice(controlModels + ["another"]),
                                "image": .pictureOrDataURI, "weight": .number(0...2),
                                "guidance_start": .number(0...1), "guidance_end": .number(0...1),
                                "pixel_perfect": .boolean, "resize_mode": .filledString,
                                "control_mode": .filledString, "processor_res": .integer(-1...4096),
                                "threshold_a": .number(-1...4096),
                                "threshold_b": .number(-1...4096),
                            ])), count: 1...10)
            ]))

    static let textFields = WireObject(
        common.merging([
            "enable_hr": .boolean, "hr_scale": .number(1...8), "hr_upscaler": .filledString,
            "hr_second_pass_steps": .integer(0...1000), "hr_resize_x": .integer(0...16384),
            "hr_resize_y": .integer(0...16384), "hr_prompt": .string,
            "hr_negative_prompt": .string,
        ]) { $1 })

    static let imageFields = WireObject(
        required: ["init_images"],
        common.merging([
            "init_images": .list(.pictureOrDataURI, count: 1...8), "mask": .pictureOrDataURI,
            "mask_blur": .integer(0...64), "inpainting_fill": .integer(0...3),
            "inpaint_full_res": .boolean, "inpaint_full_res_padding": .integer(0...1024),
            "inpainting_mask_invert": .integer(0...1), "resize_mode": .integer(0...3),
        ]) { $1 })

    /// What stable-diffusion.cpp would ignore or read from the prompt.
    static func cppProblems(_ body: WireJSON) -> [WireProblem] {
        let known: Set = [
            "prompt", "negative_prompt", "width", "height", "steps", "cfg_scale", "seed",
            "batch_size", "n_iter", "clip_skip", "sampler_name", "scheduler", "lora",
            "extra_images", "enable_hr", "hr_upscaler", "hr_scale", "hr_resize_x", "hr_resize_y",
            "hr_steps", "denoising_strength", "init_images", "mask", "inpainting_mask_invert",
            "inpaint_full_res", "inpainting_fill",
        ]
        var problems = body.keys.filter { !known.contains($0) }.map {
            WireProblem(path: [$0], message: "ignored by stable-diffusion.cpp", type: "extra")
        }
        for tag in ["<lora:", "<sd_cpp_extra_args>"]
        where body["prompt"]?.text?.contains(tag) == true {
            problems.append(
                WireProblem(path: ["prompt"], message: "holds \(tag)", type: "value_error"))
        }
        return problems
    }
}
