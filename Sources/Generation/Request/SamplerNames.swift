/// Translation between our sampler names and those of diffusers, A1111, ComfyUI and the services.
///
/// One table serves every direction, so that a name that can be read can also be written.
public enum SamplerNames {
    /// One sampler under every tool's name.
    struct Row {
        let sampler: Sampler
        let diffusers: [String]
        let a1111: [String]
        let comfy: [String]
        let stableDiffusionCpp: [String]
    }

    static let rows: [Row] = [
        Row(.euler, ["EulerDiscreteScheduler"], ["Euler"], ["euler"], ["euler"]),
        Row(
            .eulerAncestral, ["EulerAncestralDiscreteScheduler"], ["Euler a"],
            ["euler_ancestral"], ["euler_a"]),
        Row(.heun, ["HeunDiscreteScheduler"], ["Heun"], ["heun"], ["heun"]),
        Row(.lms, ["LMSDiscreteScheduler"], ["LMS"], ["lms"], []),
        Row(.ddim, ["DDIMScheduler"], ["DDIM"], ["ddim"], ["ddim_trailing"]),
        Row(.ddpm, ["DDPMScheduler"], ["DDPM"], ["ddpm"], []),
        Row(.pndm, ["PNDMScheduler"], ["PLMS", "PNDM"], ["ipndm"], ["ipndm"]),
        Row(.dpm2, ["KDPM2DiscreteScheduler"], ["DPM2"], ["dpm_2"], ["dpm2"]),
        Row(
            .dpm2Ancestral, ["KDPM2AncestralDiscreteScheduler"], ["DPM2 a"], ["dpm_2_ancestral"],
            []),
        Row(
            .dpmpp2m, ["DPMSolverMultistepScheduler"], ["DPM++ 2M"], ["dpmpp_2m"],
            ["dpm++2m", "dpm++2mv2"]),
        Row(
            .dpmpp2mSDE, [], ["DPM++ 2M SDE", "DPM++ 2M SDE Heun"],
            ["dpmpp_2m_sde", "dpmpp_2m_sde_gpu"], []),
        Row(
            .dpmppSDE, ["DPMSolverSDEScheduler"], ["DPM++ SDE"], ["dpmpp_sde", "dpmpp_sde_gpu"],
            []),
        Row(.dpmpp3mSDE, [], ["DPM++ 3M SDE"], ["dpmpp_3m_sde", "dpmpp_3m_sde_gpu"], []),
        Row(
            .dpmpp2sAncestral, ["DPMSolverSinglestepScheduler"], ["DPM++ 2S a"],
            ["dpmpp_2s_ancestral"], ["dpm++2s_a"]),
        Row(.unipc, ["UniPCMultistepScheduler"], ["UniPC"], ["uni_pc", "uni_pc_bh2"], []),
        Row(.deis, ["DEISMultistepScheduler"], ["DEIS"], ["deis"], []),
        Row(.lcm, ["LCMScheduler"], ["LCM"], ["lcm"], ["lcm"]),
        Row(.tcd, ["TCDScheduler"], ["TCD"], ["tcd"], ["tcd"]),
    ]

    /// A1111's labels for schedules, also accepted as a suffix of a sampler ("DPM++ 2M Karras").
    static let scheduleLabels: [(name: String, schedule: Schedule)] = [
        ("automatic", .default), ("normal", .default), ("simple", .trailing),
        ("karras", .karras), ("exponential", .exponential), ("beta", .beta),
        ("sgm uniform", .sgmUniform), ("sgm_uniform", .sgmUniform),
        ("align your steps", .alignYourSteps), ("align_your_steps", .alignYourSteps),
        ("ays", .alignYourSteps),
    ]

    /// Reads a sampler in any tool's spelling; an A1111 name may carry a schedule.
    ///
    /// - Returns: the sampler and the schedule the name implies, or nil when nobody calls it so.
    public static func read(_ name: String) -> (sampler: Sampler, schedule: Schedule?)? {
        let wanted = normalised(name)
        if let row = rows.first(where: { $0.allNames.contains { normalised($0) == wanted } }) {
            return (row.sampler, nil)
        }
        for (label, schedule) in scheduleLabels {
            let suffix = " " + label
            guard name.lowercased().hasSuffix(suffix) else { continue }
            if let inner = read(String(name.dropLast(suffix.count))) {
                return (inner.sampler, schedule)
            }
        }
        return nil
    }

    /// Reads a schedule in any tool's spelling.
    public static func readSchedule(_ name: String) -> Schedule? {
        if let own = Schedule(rawValue: name.lowercased()) { return own }
        let wanted = normalised(name)
        return scheduleLabels.first { normalised($0.name) == wanted }?.schedule
    }

    /// The class name in diffusers, or nil when diffusers has no class of its own for it.
    public static func diffusersName(of sampler: Sampler) -> String? {
        row(sampler).diffusers.first
    }

    /// The label in A1111.
    public static func a1111Name(of sampler: Sampler) -> String {
        row(sampler).a1111.first ?? sampler.rawValue
    }

    /// The name in ComfyUI.
    public static func comfyName(of sampler: Sampler) -> String {
        row(sampler).comfy.first ?? sampler.rawValue
    }

    /// A1111's label of a schedule.
    public static func a1111Name(of schedule: Schedule) -> String {
        switch schedule {
        case .default: "Automatic"
        case .karras: "Karras"
        case .exponential: "Exponential"
        case .beta: "Beta"
        case .sgmUniform: "SGM Uniform"
        case .trailing: "Simple"
        case .alignYourSteps: "Align Your Steps"
        }
    }

    /// ComfyUI's name of a schedule.
    public static func comfyName(of schedule: Schedule) -> String {
        switch schedule {
        case .default: "normal"
        case .karras: "karras"
        case .exponential: "exponential"
        case .beta: "beta"
        case .sgmUniform: "sgm_uniform"
        case .trailing: "simple"
        case .alignYourSteps: "ays"
        }
    }

    /// Every name of a sampler, ours first: for finding it in a list of unknown origin.
    public static func allNames(of sampler: Sampler) -> [String] { row(sampler).allNames }

    /// Every name of a schedule, ours first.
    public static func allNames(of schedule: Schedule) -> [String] {
        [schedule.rawValue, a1111Name(of: schedule), comfyName(of: schedule)]
            + scheduleLabels.filter { $0.schedule == schedule }.map(\.name)
    }

    private static func row(_ sampler: Sampler) -> Row {
        rows.first { $0.sampler == sampler } ?? Row(sampler, [], [], [], [])
    }

    /// Lower case without spaces, hyphens and underscores: "DPM++ 2M" and "dpm++2m" are one name.
    private static func normalised(_ name: String) -> String {
        String(name.lowercased().filter { !" -_".contains($0) })
    }
}

extension SamplerNames.Row {
    init(
        _ sampler: Sampler, _ diffusers: [String], _ a1111: [String], _ comfy: [String],
        _ stableDiffusionCpp: [String]
    ) {
        self.init(
            sampler: sampler, diffusers: diffusers, a1111: a1111, comfy: comfy,
            stableDiffusionCpp: stableDiffusionCpp)
    }

    /// Every spelling of this row, ours first.
    var allNames: [String] {
        [sampler.rawValue] + diffusers + a1111 + comfy + stableDiffusionCpp
    }
}
