extension String {
    /// Whether a terminal would act on a character instead of showing it; line feeds and tabs are
    /// none of these.
    var hasControlCharacters: Bool {
        unicodeScalars.contains {
            $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t"
        }
    }
}
