import Foundation
import Hashing
import Tensors

/// This build of the program on this machine, as the journal and pictures record it.
enum ProgramIdentity {
    /// Computed anew at each call: it reads the executable.
    static func current() -> EngineIdentity {
        let hash = try? SHA256.hexDigest(ofFileAt: "/proc/self/exe")
        return EngineIdentity(
            program: "latent \(ProgramVersion.current)",
            build: hash.map { String($0.prefix(16)) } ?? "unknown",
            cpuFeatures: CPUFeatures.names)
    }
}
