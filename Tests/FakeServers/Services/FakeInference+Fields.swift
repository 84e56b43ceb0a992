extension FakeInference {
    /// Body of `POST /apps/run`.
    static let runFields = WireObject(
        required: ["app", "input"],
        [
            "app": .choice([
                "infsh/sdxl", "infsh/sdxl@1a2b3c4d", "infsh/sdxl@1a2b3c4d:run",
            ]),
            "input": .object(inputFields),
            "setup": .map(.anything),
            "infra": .choice(["cloud", "private", "private_first", "remote"]),
            "workers": .list(.filledString, count: 1...100),
            "webhook": .link,
            "function": .filledString,
            "run_at": .filledString,
            "metadata": .map(.anything),
            "session": .filledString,
            "session_timeout": .integer(1...3600),
            "wait": .boolean,
            "stream": .boolean,
        ])

    /// Input of the app, from its published source.
    static let inputFields = WireObject(
        required: ["prompt"],
        [
            "prompt": .string,
            "negative_prompt": .nullable(.string),
            "num_inference_steps": .integer(1...100),
            "guidance_scale": .number(1...20),
            "width": .integer(256...2048),
            "height": .integer(256...2048),
            "model_url": .filledString,
            "loras": .nullable(
                .list(
                    .object(
                        WireObject(
                            required: ["lora_url"],
                            [
                                "adapter_name": .string, "lora_url": .filledString,
                                "lora_multiplier": .number(-10...10),
                            ])), count: 0...20)),
        ])

    /// Body of `POST /files`.
    static let fileFields = WireObject(
        required: ["files"],
        [
            "files": .list(
                .object(
                    WireObject([
                        "uri": .nullable(.string), "filename": .nullable(.string),
                        "content_type": .nullable(.string), "path": .nullable(.string),
                        "size": .nullable(.integer(0...Int.max)), "public": .nullable(.boolean),
                    ])), count: 1...20)
        ])
}
