/// The program's version, as `--version`, `doctor` and journal entries tell it.
enum ProgramVersion {
    static let current = "0.1.0"
}
