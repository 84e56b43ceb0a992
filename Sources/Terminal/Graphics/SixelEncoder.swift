import CSixel
import Foundation
import Generation
import Images
import Synchronization

/// Encodes pictures as sixel through libsixel. A value without state: calls may run on any thread,
/// side by side.
public struct SixelEncoder: Hashable, Sendable {
    /// A sixel sequence and the size of what it draws.
    public struct Encoded: Hashable, Sendable {
        /// `DCS ... ST`, complete.
        public let bytes: [UInt8]
        /// Pixels.
        public let width: Int
        /// Pixels, a multiple of 6.
        public let height: Int
    }

    /// How colours between those of the palette are drawn.
    public enum Dithering: String, Hashable, Sendable {
        /// The nearest colour: smallest output, bands in gradients.
        case none
        /// An ordered pattern: small output, no bands.
        case ordered
        /// Atkinson's error diffusion: best looking, and larger than none. It hands on three quarters
        /// of an error; Floyd and Steinberg's hands on all of it, which adds up to bright specks where
        /// the palette has no near colour, and takes twice the bytes.
        case diffused
    }

    /// libsixel's median cut sorts by a plane that it keeps in a static variable: one palette at a
    /// time in the whole process.
    private static let quantiser = Mutex(())

    /// Colours, 2...256.
    public var paletteSize: Int
    /// How colours between those of the palette are drawn.
    public var dithering: Dithering
    /// A colour for register 0, which no pixel has then; nil: pixels use that register too.
    public var ground: TerminalCapabilities.Color?
    /// Width and height in pixels of the squares that are one colour.
    private var coarseness = 1

    /// An encoder with as many colours as the terminal has registers, at most 256.
    public init(paletteSize: Int = 256, dithering: Dithering = .none) {
        self.paletteSize = min(256, max(2, paletteSize))
        self.dithering = dithering
    }

    /// An encoder for what a terminal said: all its registers up to 256, and error diffusion,
    /// without which skies show bands.
    public init(for capabilities: TerminalCapabilities) {
        self.init(paletteSize: capabilities.sixelRegisters ?? 256, dithering: .diffused)
    }

    /// Scales `image` to `width` x `height` pixels and encodes it with an aspect of 1:1. The height
    /// is lowered to a multiple of 6, and is at least 6.
    ///
    /// - Parameter byteLimit: where the result would be larger, dithering is given up first (it breaks
    ///   the runs that make sixels short), then colours, down to 16, then detail, until it fits.
    /// - Throws: ``GraphicsError/sixel(_:)`` when libsixel fails.
    public func encode(
        _ image: PixelImage, width: Int, height: Int, byteLimit: Int? = nil
    ) throws -> Encoded {
        let scaled = image.resized(width: width, height: max(6, height / 6 * 6))
        var encoder = self
        if ground != nil { encoder.paletteSize = max(2, paletteSize - 1) }
        if let byteLimit { encoder = try encoder.sized(for: scaled, byteLimit: byteLimit) }
        var bytes = try encoder.encoded(encoder.coarse(scaled))
        while let byteLimit, bytes.count > byteLimit, encoder.canShrink {
            var expected = Double(bytes.count)
            while expected > Double(byteLimit), encoder.canShrink {
                expected *= encoder.shrink()
            }
            bytes = try encoder.encoded(encoder.coarse(scaled))
        }
        if let ground { bytes = Self.withGround(ground, bytes) }
        return Encoded(bytes: bytes, width: scaled.width, height: scaled.height)
    }

    /// The most bytes that a picture may have: 250 KB at 512x512, and as many a pixel where it is
    /// larger.
    public static func byteLimit(width: Int, height: Int) -> Int {
        max(250_000, width * height * 250 / 262)
    }

    private var canShrink: Bool { coarseness < 64 }

    /// Gives up what is missed least.
    ///
    /// - Returns: about what share of the bytes is left.
    private mutating func shrink() -> Double {
        if dithering != .none {
            dithering = .none
            return 0.75
        }
        if paletteSize > 16 {
            paletteSize = max(16, paletteSize / 2)
            return 0.82
        }
        coarseness *= 2
        return 0.5
    }

    /// One band of rows in so many is enough to tell how large a picture will be.
    private static let bandsPerSample = 8
    /// Pixels from which a sample is quicker than trying.
    private static let smallestSampled = 65_536

    /// Gives up as much as a sample of the picture's bands says, so that the whole of a picture that
    /// is too large is hardly ever encoded twice.
    private func sized(for image: PixelImage, byteLimit: Int) throws -> SixelEncoder {
        var encoder = self
        guard image.width * image.height >= Self.smallestSampled else { return encoder }
        let sample = Self.bands(of: image)
        let ratio = Double(image.height) / Double(sample.height)
        while encoder.canShrink {
            // Each colour is told once, in about so many bytes.
            let palette = Double(encoder.paletteSize * 16)
            let bytes = Double(try encoder.encoded(encoder.coarse(sample)).count)
            var expected = palette + max(0, bytes - palette) * ratio
            guard expected > Double(byteLimit) * 1.02 else { break }
            while expected > Double(byteLimit), encoder.canShrink { expected *= encoder.shrink() }
        }
        return encoder
    }

    /// Every eighth band of six rows, or all where there are fewer.
    private static func bands(of image: PixelImage) -> PixelImage {
        let rows = (0..<image.height / 6).filter { $0 % bandsPerSample == bandsPerSample / 2 }
            .map { $0 * 6 }
        var rgb: [UInt8] = []
        for row in rows {
            rgb += image.rgb[row * image.width * 3..<(row + 6) * image.width * 3]
        }
        return PixelImage(width: image.width, height: rows.count * 6, rgb: rgb) ?? image
    }

    /// The picture in squares of one colour each: noise has no runs that are worth a name.
    private func coarse(_ image: PixelImage) -> PixelImage {
        guard coarseness > 1 else { return image }
        let small = image.resized(
            width: max(1, image.width / coarseness), height: max(1, image.height / coarseness))
        var rgb: [UInt8] = []
        rgb.reserveCapacity(image.rgb.count)
        for y in 0..<image.height {
            let row = y * small.height / image.height * small.width
            for x in 0..<image.width {
                let start = (row + x * small.width / image.width) * 3
                rgb += small.rgb[start..<start + 3]
            }
        }
        return PixelImage(width: image.width, height: image.height, rgb: rgb) ?? image
    }

    private func encoded(_ image: PixelImage) throws -> [UInt8] {
        var allocator: OpaquePointer?
        try check(sixel_allocator_new(&allocator, nil, nil, nil, nil))
        defer { sixel_allocator_unref(allocator) }
        var dither: OpaquePointer?
        try check(sixel_dither_new(&dither, Int32(paletteSize), allocator))
        defer { sixel_dither_unref(dither) }
        // libsixel reads the pixels through a pointer that is not const.
        var pixels = image.rgb
        let (width, height) = (Int32(image.width), Int32(image.height))
        var sample = Self.sample(image)
        // Of libsixel's qualities this one is the quickest with the least error for pictures.
        let rows = Int32(sample.count / image.width / 3)
        try check(
            Self.quantiser.withLock { _ in
                sixel_dither_initialize(
                    dither, &sample, width, rows, SIXEL_PIXELFORMAT_RGB888, SIXEL_LARGE_NORM,
                    SIXEL_REP_AVERAGE_COLORS, SIXEL_QUALITY_HIGH)
            })
        sixel_dither_set_diffusion_type(dither, diffusion)
        sixel_dither_set_pixelformat(dither, SIXEL_PIXELFORMAT_RGB888)
        var sink: [UInt8] = []
        sink.reserveCapacity(image.width * image.height / 2)
        try withUnsafeMutablePointer(to: &sink) { sink in
            var output: OpaquePointer?
            try check(sixel_output_new(&output, Self.append, sink, allocator))
            defer { sixel_output_unref(output) }
            try check(sixel_encode(&pixels, width, height, 3, dither, output))
        }
        return Self.transparent(sink)
    }

    /// The sequence with parameter P2 set: what is not drawn stays as it is. Without it a terminal
    /// fills the place first, and each preview flashes in the colour of the first register.
    private static func transparent(_ sequence: [UInt8]) -> [UInt8] {
        let start = Array("\u{1B}P".utf8)
        guard sequence.starts(with: start + Array("q".utf8)) else { return sequence }
        return start + Array("0;1;0".utf8) + sequence[start.count...]
    }

    /// The pixels that the palette is made from. libsixel looks at every sixth pixel only, so in a
    /// small picture each one is repeated.
    private static func sample(_ image: PixelImage) -> [UInt8] {
        guard image.width * image.height < 8192 else { return image.rgb }
        var sample: [UInt8] = []
        sample.reserveCapacity(image.rgb.count * 6)
        for at in stride(from: 0, to: image.rgb.count, by: 3) {
            for _ in 0..<6 { sample += image.rgb[at..<(at + 3)] }
        }
        return sample
    }

    /// Receives libsixel's output; the last argument is the array that it goes to.
    private static let append: sixel_write_function = { bytes, count, sink in
        guard let bytes, let sink, count > 0 else { return 0 }
        let array = sink.assumingMemoryBound(to: [UInt8].self)
        array.pointee.append(
            contentsOf: UnsafeRawBufferPointer(start: bytes, count: Int(count)))
        return count
    }

    private var diffusion: Int32 {
        switch dithering {
        case .none: SIXEL_DIFFUSE_NONE
        case .ordered: SIXEL_DIFFUSE_A_DITHER
        case .diffused: SIXEL_DIFFUSE_ATKINSON
        }
    }

    private func check(_ status: Int32) throws {
        guard status & 0x1000 != 0 else { return }
        throw GraphicsError.sixel(String(cString: sixel_helper_format_error(status)))
    }
}

extension SixelEncoder {
    /// The version of libsixel that the program was compiled against.
    public static var libraryVersion: String { LIBSIXEL_VERSION }
}
