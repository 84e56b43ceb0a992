import Generation
import Testing

@Suite struct SamplerNamesTests {
    @Test(arguments: [
        ("UniPCMultistepScheduler", Sampler.unipc, Schedule?.none),
        ("DPM++ 2M Karras", .dpmpp2m, .karras),
        ("DPM++ 2M SDE Exponential", .dpmpp2mSDE, .exponential),
        ("dpmpp_2m", .dpmpp2m, nil),
        ("Euler a", .eulerAncestral, nil),
        ("euler_ancestral", .eulerAncestral, nil),
        ("dpm++2s_a", .dpmpp2sAncestral, nil),
        ("DPM2 a Karras", .dpm2Ancestral, .karras),
        ("uni_pc_bh2", .unipc, nil),
    ])
    func everyToolsSpellingIsRead(name: String, sampler: Sampler, schedule: Schedule?) throws {
        let read = try #require(SamplerNames.read(name))
        #expect(read.sampler == sampler)
        #expect(read.schedule == schedule)
    }

    @Test(arguments: Sampler.allCases)
    func whatIsWrittenCanBeRead(sampler: Sampler) {
        #expect(SamplerNames.read(sampler.rawValue)?.sampler == sampler)
        #expect(SamplerNames.read(SamplerNames.a1111Name(of: sampler))?.sampler == sampler)
        #expect(SamplerNames.read(SamplerNames.comfyName(of: sampler))?.sampler == sampler)
        if let name = SamplerNames.diffusersName(of: sampler) {
            #expect(SamplerNames.read(name)?.sampler == sampler)
        }
    }

    @Test(arguments: Schedule.allCases)
    func schedulesCanBeReadAgain(schedule: Schedule) {
        #expect(SamplerNames.readSchedule(schedule.rawValue) == schedule)
        #expect(SamplerNames.readSchedule(SamplerNames.a1111Name(of: schedule)) == schedule)
        #expect(SamplerNames.readSchedule(SamplerNames.comfyName(of: schedule)) == schedule)
    }

    @Test func nobodysNameIsRefused() {
        #expect(SamplerNames.read("quantum") == nil)
        #expect(SamplerNames.readSchedule("quantum") == nil)
    }
}
