import Foundation
import Testing

@testable import Diffusion

@Suite("Safetensors files that lie, and those that do not")
struct SafetensorsFileTests {
    /// A file with that header and that many data bytes.
    private func file(_ header: String, dataBytes: Int, length: UInt64? = nil) throws -> URL {
        var data = withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) {
            Data($0)
        }
        data.append(Data(header.utf8))
        data.append(Data(repeating: 1, count: dataBytes))
        return try write(data)
    }

    private func write(_ data: Data) throws -> URL {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("\(UUID().uuidString).safetensors")
        try data.write(to: url)
        return url
    }

    /// The error of opening the file at `url`.
    private func failure(_ url: URL) -> WeightsError? {
        defer { try? FileManager.default.removeItem(at: url) }
        do {
            _ = try SafetensorsFile(path: url.path)
            return nil
        } catch { return error }
    }

    private static let good = #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#

    @Test("a good file opens", arguments: [good, "  " + good + "   "])
    func opens(header: String) throws {
        let url = try file(header, dataBytes: 8)
        defer { try? FileManager.default.removeItem(at: url) }
        let file = try SafetensorsFile(path: url.path)
        #expect(file.entries["a"]?.shape == [2])
        #expect(file.entries["a"]?.type == .f32)
    }

    @Test(
        "a bad header is refused with what is wrong",
        arguments: [
            (#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 16]}}"#, 16, "needs 8"),
            (#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}}"#, 8, "before it beg"),
            (#"{"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}}"#, 8, "file of"),
            (#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}"#, 12, "unused"),
            (#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#, 12, "unused"),
            (#"{"a": {"dtype": "F31", "shape": [2], "data_offsets": [0, 8]}}"#, 8, "unknown type"),
            (#"{"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}"#, 8, "whole number"),
            (
                #"{"a": {"dtype": "U8", "shape": [9223372036854775807, 9], "data_offsets": [0, 8]}}"#,
                8, "absurd"
            ),
            (
                #"{"a": {"dtype": "U8", "shape": [99999999999999999999], "data_offsets": [0, 8]}}"#,
                8, "too large"
            ),
            (#"{"a": {"dtype": "F32", "data_offsets": [0, 8]}}"#, 8, "lacks"),
            (#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}"#, 8, "too early"),
            (#"{"a": 1}"#, 0, "'{' is expected"),
            (#"[1, 2]"#, 0, "'{' is expected"),
            ("{}x", 0, "follows"),
            ("not json at all", 0, "expected"),
            (#"{"\ud800": {}}"#, 0, "Unicode"),
        ] as [(String, Int, String)])
    func badHeader(header: String, dataBytes: Int, reason: String) throws {
        let error = failure(try file(header, dataBytes: dataBytes))
        #expect(error?.summary.contains(reason) == true, "\(error?.summary ?? "opened")")
        #expect(error?.summary.contains(".safetensors") == true)
    }

    @Test("overlapping tensors and names that occur twice are refused by name")
    func overlap() throws {
        let entry = #"{"dtype": "U8", "shape": [6], "data_offsets""#
        let overlapping = #"{"a": \#(entry): [0, 6]}, "b": \#(entry): [4, 10]}}"#
        #expect(
            failure(try file(overlapping, dataBytes: 10))
                .map { $0.summary.contains("tensor b overlaps") } == true)
        let twice = #"{"a": \#(entry): [0, 6]}, "a": \#(entry): [6, 12]}}"#
        #expect(
            failure(try file(twice, dataBytes: 12))
                .map { $0.summary.contains("\"a\" occurs twice") } == true)
    }

    @Test("a header longer than the file, or than 100 MB, is refused before it is read")
    func headerLength() throws {
        let beyond = failure(try file("{}", dataBytes: 0, length: 1000))
        #expect(beyond?.summary.contains("announces a header of 1000 bytes") == true)
        let huge = failure(try file("{}", dataBytes: 0, length: 100_000_001))
        #expect(huge?.summary.contains("at most 100000000") == true)
        let absurd = failure(try file("{}", dataBytes: 0, length: UInt64.max))
        #expect(absurd?.summary.contains("18446744073709551615") == true)
    }

    @Test("empty files, stubs, folders and missing files are named")
    func noFile() throws {
        #expect(failure(try write(Data()))?.summary.contains("empty") == true)
        #expect(failure(try write(Data([1, 2, 3])))?.summary.contains("3 bytes") == true)
        let missing = URL(fileURLWithPath: "/nowhere/model.safetensors")
        #expect(failure(missing) == .notFound(path: missing.path))
        #expect(throws: WeightsError.self) {
            try SafetensorsFile(path: FileManager.default.temporaryDirectory.path)
        }
    }

    @Test("pickles and zip archives are refused with why and how to convert")
    func pickles() throws {
        for start in [Data("PK\u{3}\u{4}archive".utf8), Data([0x80, 2, 0x8A, 10, 0x6C, 1, 1, 1])] {
            let error = failure(try write(start))
            #expect(error?.summary.contains("pickle") == true)
            #expect(error?.hint?.contains("any code") == true)
            #expect(error?.hint?.contains("safetensors") == true)
        }
    }

    @Test("deep nesting does not exhaust the stack")
    func nesting() throws {
        let header = "{\"a\": " + String(repeating: "{\"a\": ", count: 100_000) + "1"
        #expect(failure(try file(header, dataBytes: 0)) != nil)
    }

    @Test("escape sequences in names do not reach the message")
    func terminalSafety() throws {
        let header =
            #"{"\u001b[31mred": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}}"#
        let error = failure(try file(header, dataBytes: 4))
        #expect(error?.summary.contains("\u{1b}") == false)
        #expect(error?.summary.contains("red") == true)
    }

    @Test("what is written is read again")
    func roundTrip() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("\(UUID().uuidString).safetensors")
        defer { try? FileManager.default.removeItem(at: url) }
        let values: [Float] = [1.5, -0.25, .pi, 0, 3e30, -1e-30]
        try SafetensorsWriter.write(
            [
                .init(name: "x/\"ü\"", shape: [2, 3], values: values),
                .init(name: "empty", shape: [0, 4], values: []),
            ], to: url.path)
        let tensors = try ReferenceTensors(url)
        #expect(try tensors.floats("x/\"ü\"") == values)
        #expect(try tensors.shape("empty") == [0, 4])
    }

    @Test("a path that cannot be written is an error, not a crash")
    func unwritable() {
        #expect(throws: WeightsError.self) {
            try SafetensorsWriter.write([], to: "/proc/nowhere/x.safetensors")
        }
    }
}
