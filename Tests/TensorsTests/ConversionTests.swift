import CKernels
import Foundation
import Testing

@testable import Tensors

@Suite struct ConversionTests {
    /// The value of a small binary format with these widths of exponent and mantissa.
    private func decode(_ bits: Int, exponent: Int, mantissa: Int) -> Double {
        let sign = bits >> (exponent + mantissa) == 0 ? 1.0 : -1.0
        let power = bits >> mantissa & (1 << exponent - 1)
        let fraction = Double(bits & (1 << mantissa - 1)) / Double(1 << mantissa)
        let bias = 1 << (exponent - 1) - 1
        return sign
            * (power == 0
                ? fraction * pow(2, Double(1 - bias))
                : (1 + fraction) * pow(2, Double(power - bias)))
    }

    @Test(arguments: InstructionLevel.allCases.filter { $0 <= .best })
    func everyHalfPrecisionValueIsExact(level: InstructionLevel) throws {
        let compute = try Compute(ComputeOptions(level: level))
        for (type, exponent, mantissa, code) in [
            (ElementType.float16, 5, 10, CK_F16), (.float8E4M3, 4, 3, CK_F8E4M3),
            (.float8E5M2, 5, 2, CK_F8E5M2),
        ] {
            let width = exponent + mantissa + 1
            let bytes = (0..<1 << width).flatMap { bits in
                (0..<type.byteCount).map { UInt8(bits >> (8 * $0) & 255) }
            }
            var values = [Float](repeating: 0, count: 1 << width)
            let status = ck_convert(
                compute.pool, Int32(level.rawValue), &values, Int32(CK_F32), bytes,
                Int32(code), values.count)
            #expect(status == 0)
            for bits in 0..<1 << width {
                let power = bits >> mantissa & (1 << exponent - 1)
                let special =
                    type == .float8E4M3 ? bits & 127 == 127 : power == 1 << exponent - 1
                if special {
                    #expect(!values[bits].isFinite)
                } else {
                    let expected = decode(bits, exponent: exponent, mantissa: mantissa)
                    #expect(Double(values[bits]) == expected, "\(type) \(bits)")
                }
            }
        }
    }

    @Test(arguments: InstructionLevel.allCases.filter { $0 <= .best })
    func bfloat16RoundsToNearestEven(level: InstructionLevel) throws {
        let compute = try Compute(ComputeOptions(precision: .bfloat16, level: level))
        // Halfway cases go to the even neighbour: 1 + 2^-8 down, 1 + 3 * 2^-8 up.
        let x: [Float] = [1, 1.00390625, 1.01171875, 1.004, -1.00390625, 3.4e38, 0, -0.0]
        let y = try compute.floats(compute.tensor(from: x, [x.count]))
        #expect(y[0...4] == [1, 1, 1.015625, 1.0078125, -1])
        #expect(y[5] == .infinity || y[5] == 3.3895314e38)
        #expect(y[7].sign == .minus)
        let special = try compute.floats(compute.tensor(from: [.nan, .infinity], [2]))
        #expect(special[0].isNaN && special[1] == .infinity)
        let random = Reference.numbers(1000, seed: 1)
        let rounded = try compute.floats(compute.tensor(from: random, [1000]))
        #expect(rounded == Reference.rounded(random))
    }

    @Test func storedTensorsAreSlicedAndRead() {
        let x = stored([1, 2, 3, 4, 5, 6], [3, 2])
        #expect(x.rows(1..<3).floats() == [3, 4, 5, 6])
        #expect(x.rows(1..<3).shape == [2, 2])
        #expect(x.reshaped([2, 3]).shape == [2, 3])
        #expect(x.byteCount == 24)
    }

    @Test(arguments: ElementType.allCases)
    func weightsOfEveryStoredTypeArePrepared(type: ElementType) throws {
        // 1, -2, 0.5 and 0 are exact in all of them.
        let bits: [ElementType: [UInt32]] = [
            .float32: [0x3f80_0000, 0xc000_0000, 0x3f00_0000, 0],
            .float16: [0x3c00, 0xc000, 0x3800, 0],
            .bfloat16: [0x3f80, 0xc000, 0x3f00, 0], .float8E4M3: [0x38, 0xc0, 0x30, 0],
            .float8E5M2: [0x3c, 0xc0, 0x38, 0],
        ]
        let compute = try Compute()
        let bytes = (bits[type] ?? []).flatMap { value in
            (0..<type.byteCount).map { UInt8(value >> (8 * UInt32($0)) & 255) }
        }
        let owner = Bytes(bytes)
        let weight = StoredTensor(
            pointer: owner.pointer, elementType: type, shape: [2, 2], owner: owner)
        let y = try compute.linear(
            compute.tensor(from: [1, 0, 0, 1], [2, 2]), LinearWeights(weight, in: compute))
        #expect(try compute.floats(y) == [1, 0.5, -2, 0])
        #expect(weight.floats() == [1, -2, 0.5, 0])
    }
}

/// Bytes kept alive; never written after creation.
private final class Bytes: @unchecked Sendable {
    let pointer: UnsafeRawPointer

    init(_ bytes: [UInt8]) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 16)
        memory.copyMemory(from: bytes, byteCount: bytes.count)
        pointer = UnsafeRawPointer(memory)
    }

    deinit { pointer.deallocate() }
}
