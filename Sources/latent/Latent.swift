import ArgumentParser

@main
struct Latent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "A terminal studio for SDXL prompts.")
}
