import Foundation
import Testing

@testable import Tensors

@Suite struct BenchmarkTests {
    @Test func aSmallBenchmarkNamesEveryKind() throws {
        let compute = try Compute(ComputeOptions(precision: .bfloat16))
        var benchmark = KernelBenchmark(width: 32, height: 32, batch: 1, repeats: 0)
        benchmark.divisor = 5
        let results = try benchmark.run(in: compute)
        #expect(Set(results.map(\.kind)) == [.convolution, .linear, .attention, .norm])
        #expect(results.allSatisfy { $0.seconds > 0 && $0.operations > 0 && $0.count > 0 })
    }

    /// 6.76 TFLOP per picture at 1024x1024 are known from the reference implementation.
    @Test func operationsOfAStepAddUp() throws {
        let benchmark = KernelBenchmark(width: 1024, height: 1024, batch: 1)
        let total = benchmark.operationsPerStep
        #expect(abs(total / 6.76e12 - 1) < 0.02, "\(total)")
    }

    @Test func theMachineIsDescribed() {
        let report = MachineReport()
        #expect(report.level == .best)
        #expect(report.oneDNNVersion.split(separator: ".").count == 3)
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["RUN_BENCHMARKS"] != nil))
    func fullSizeRates() throws {
        let size = Int(ProcessInfo.processInfo.environment["RUN_BENCHMARKS"] ?? "") ?? 1024
        let compute = try Compute(ComputeOptions(threads: 2, precision: .bfloat16))
        print("peak", try MachineReport.matrixPeak(in: compute))
        let results = try KernelBenchmark(width: size, height: size).run(in: compute) {
            print($0.count, $0.name, Int($0.rate), $0.seconds)
        }
        for kind in OperationKind.allCases {
            let own = results.filter { $0.kind == kind }
            let seconds = own.map { $0.seconds * Double($0.count) }.reduce(0, +)
            let operations = own.map { $0.operations * Double($0.count) }.reduce(0, +)
            if !own.isEmpty { print(kind, seconds, operations / seconds / 1e9) }
        }
    }
}
