import CZlib

/// The C libraries behind this module, for reports.
public enum ImageLibraries {
    /// Name and version of each.
    public static var versions: [String: String] {
        [
            "libpng": PNGCodec.version, "libjpeg": JPEGCodec.version,
            "zlib": String(cString: zlibVersion()),
        ]
    }
}
